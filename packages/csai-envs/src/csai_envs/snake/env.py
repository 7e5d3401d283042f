"""Snake as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core.arguments import check_bool, check_name
from csai_core.games import keyed_random
from csai_core.shell import DiscreteType, Shell
from csai_core.shell.attribute_table import AttributeNames
from csai_core.shell.casting import cast_to_space
from csai_core.shell.contract import check_under_way, split_reward
from csai_envs.live import LiveAction, LiveObservation
from csai_envs.snake.agent import Position, SnakeAgent, cell_at
from csai_envs.snake.board import NOWHERE, Action, check_size
from csai_envs.snake.observe import OBSERVERS, PICTURES, Picture, spaces
from csai_envs.snake.rewards import PRESETS, STEADY
from csai_envs.snake.rules import ENDS, SnakeGame
from csai_envs.snake.steering import KEYS, STRAIGHT_ON, turns_of
from csai_envs.spec import own_spec

FPS, RESOLUTION = 8, (480, 540)
"""How fast and how large games are shown, unless they are told otherwise."""


class SnakeEnv(Shell, is_checked=False):
    """Steer a snake to the apple; each one makes it longer, and in its own way.

    ## Description
    The classic game on a board of `width * height` cells. What it teaches: rewards that come late, and a
    state that grows. The game is won when the snake fills the board.

    ## Action space
    `Discrete(5)`, an attribute named "actions": 0 left, 1 right, 2 up, 3 down, 4 nothing. The snake
    moves one cell in each step. Nothing, or turning straight back, means straight on.

    With `steering="snake"` it is `Discrete(3)`, as the snake sees it: 0 turn left, 1 straight on, 2 turn
    right.

    ## Observation space
    Seven attributes, all of them in a `Dict` unless `attributes` chooses; positions are [y, x].
    - "game_state": `Box(0, 1, (1, height, width), float32)`; 0 empty, 0.2 body, 0.4 head, 0.6 apple.
    - "moving_direction": `Discrete(4)`, numbered as the actions.
    - "apple_pos": `MultiDiscrete([height, width])`; the head's position once the board is full.
    - "snake_pos": `MultiDiscrete([height, width])`, the head.
    - "board": `Box(0, 1, (3, height, width), uint8)`, planes for head, body and food.
    - "senses": `MultiBinary(12)`; for left, right, up and down, in this order: whether a move there would
      crash (4 bits), whether the apple is there (4), whether the snake is heading there (4).
    - "sight": `Box(0, 255, (255,), uint8)`; of the 11 x 11 cells around the head, turned the way the snake
      looks, which are taken and for how long; then where apple and walls are. See `csai_envs.snake.sight`.

    `gymnasium.make("CSAI/Snake-v0")` observes "game_state".

    ## Rewards
    Chosen by `reward`; `csai_envs.snake.rewards` says what each preset teaches.
    - "classic": -5 for a crash; otherwise -0.01, + 6 for the first apple or 1 for a later one, + 0.02 for
      each apple eaten before this step.
    - "sparse": 1 for an apple, -1 for a crash.
    - "shaped": as "sparse", and 0.1 for each cell nearer to the apple, -0.1 for each farther.

    `info["reward_parts"]` holds the named parts, which add up to the reward.

    ## Starting state
    The snake lies straight, along the longer side of the board, anywhere with equal chances, and looks
    toward the farther wall. The apple lies on any free cell with equal chances.

    ## Episode end
    Terminated by running into a wall or the own body (the cell that the tail is just leaving is free), or
    by filling the board. `gymnasium.make` truncates after 5000 steps.

    ## Information
    "score": apples eaten. "reward_parts": see above; after a step only.

    ## By hand
    `env.apple_position`, `env.snake_agent.body` (positions (y, x) from tail to head) and
    `env.game.heading` can be read and changed at any time; the next render and the next step go on
    from there.

    Args:
        width: cells in a row, from 2 to 256.
        height: rows, from 2 to 256.
        start_length: cells of the snake at the start, from 1 to the longer side.
        reward: "classic", "sparse" or "shaped".
        steering: "board" for left, right, up and down; "snake" for turning left and right.
        copy: whether each observation is an array of its own. False is quicker: "game_state" and "board"
            then give the same array each time, which the next step changes.
        **settings: those of `Shell`, among them `render_mode` and `attributes`.

    Raises:
        ConfigError: if a size is out of range.
        UnknownNameError: if there is no such reward preset or way of steering.
    """

    not_state: ClassVar[tuple[str, ...]] = (
        *("game", "snake_agent", "steering", "_reward"),
        *("_look", "_quick_look", "_plain", "_plain_score"),
    )

    def __init__(
        self,
        width: int = 16,
        height: int = 16,
        *,
        start_length: int = 3,
        reward: str = "classic",
        steering: str = "board",
        copy: bool = True,
        **settings: Any,
    ) -> None:
        defaults = {"target_fps": FPS, "resolution": RESOLUTION, "environment_name": "Snake"}
        super().__init__(**{**defaults, **settings})
        self.spec = own_spec(self, "CSAI/Snake-v0")
        check_bool("Snake", "copy", copy)
        # With those of Shell there are fewer than thirty variables: from the thirtieth on, CPython takes a
        # third longer to reach each of them.
        self._reward = PRESETS[check_name("reward preset of Snake", reward, PRESETS)]
        self._last_reward = 0.0
        self._last_action: Any = 0
        self.steering, turns = steering, turns_of(steering)
        check_size(width, height, start_length)
        self._look: Callable[[], Any] | None = None
        """How to observe a view of one attribute."""
        view, layout, cells = settings.get("attributes"), None, None
        if isinstance(view, str) and view in PICTURES:
            picture = Picture(view, width, height)
            layout, cells, self._look = picture.layout, picture.cells, picture.looker(copy)
        elif isinstance(view, str) and view in OBSERVERS:
            self._look = partial(self._observe, view)
        self.game = SnakeGame(width, height, start_length, layout, cells, turns)
        self.game.start(key=0)
        self._has_key = False
        self.snake_agent = SnakeAgent(self.game)
        for name, space in spaces(width, height).items():
            self.register_attribute(LiveObservation(name, space, partial(self._observe, name)))
        actions: DiscreteType[Any] = DiscreteType(len(turns[0]))
        self.register_attribute(LiveAction("actions", actions, lambda: self._last_action))
        is_own_judge = type(self).get_current_reward is SnakeEnv.get_current_reward
        self._quick_look = self._look if is_own_judge and self.render_mode != "human" else None
        """How to observe where nobody else watches or judges."""
        self._plain: tuple[Callable[[], Any], float, dict[str, float]] | None = None
        """How to observe, and the reward, of every plain move at one score, where that is known."""
        self._plain_score = -1
        """That score."""

    def start_episode(self, options: dict[str, Any]) -> None:
        """Lay the snake and the apple, by a key drawn anew if a seed was given, else by the next key."""
        if self._has_key:
            key = keyed_random.next_key(self.game.key)
        else:
            key = keyed_random.new_key(self.np_random)
            self._has_key = True
        self.game.start(key)
        self._foresee()

    def reset(
        self,
        attributes: AttributeNames | None = None,
        *,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode; see `Shell.reset`, of which this is a quicker version."""
        if seed is not None:
            self._has_key = False
        quick_look = self._quick_look
        if quick_look is None or seed is not None or attributes is not None or self.verbose:
            return super().reset(attributes, seed=seed, options=options)
        self.start_episode(options or {})
        self._is_over = self._has_stepped = False
        return quick_look(), self.get_info()

    def step(
        self, action: Any, d_t: float | None = None, attributes: AttributeNames | None = None
    ) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Move the snake one cell; see `Shell.step`, of which this is a quicker version."""
        if self._is_over:
            check_under_way(self)
        try:
            event = self.game.move(action)
        except (KeyError, TypeError):  # an action of an odd kind, or none at all: cast it, or say so
            action = cast_to_space(
                action, self["actions"].space, f"The action 'actions' of {type(self).__name__}"
            )
            event = self.game.move(action)
        self._has_stepped = True
        self._last_action = action
        if event == "moved" and self._plain is not None and attributes is None:
            look, reward, parts = self._plain
            self._last_reward = reward
            return look(), reward, False, False, {"score": self.game.score, "reward_parts": parts.copy()}
        self._last_reward, parts = self._reward(event, self.game)
        self._is_over = event in ENDS
        if event == "ate":
            self._foresee()
        if self._quick_look is None or attributes is not None:
            return self._watched_step(action, attributes, parts)
        info = {"score": self.game.score, "reward_parts": parts.copy()}
        return self._quick_look(), self._last_reward, self._is_over, False, info

    def _watched_step(
        self, action: Any, attributes: AttributeNames | None, parts: dict[str, float]
    ) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """What follows a move, whoever watches or judges and whatever they want to see."""
        observation = self.get_observation(attributes)
        reward, is_over = split_reward(self, self.get_current_reward(action, observation))
        if (reward, is_over) != (self._last_reward, self._is_over):
            parts = {"own": reward}
        self._last_reward, self._is_over = reward, is_over
        self._show_if_watched()
        return observation, reward, is_over, False, {"score": self.game.score, "reward_parts": parts.copy()}

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """The `(reward, terminated)` of the step just taken; a subclass may write its own."""
        return self._last_reward, self._is_over

    def get_info(self) -> dict[str, Any]:
        """The score: apples eaten in this episode."""
        return {"score": self.game.score}

    def get_observation(self, attributes: AttributeNames | None = None) -> Any:
        """What can be observed now; see `Shell.get_observation`."""
        if attributes is None and self._look is not None:
            return self._look()
        if isinstance(attributes, str) and attributes in OBSERVERS:
            return self._observe(attributes)
        return super().get_observation(attributes)

    @property
    def keys_to_action(self) -> Mapping[str, Any]:  # type: ignore[override]
        """Arrows and WASD, as the way of steering takes them."""
        return KEYS[self.steering]

    @property
    def idle_action(self) -> Any:
        """Straight on."""
        return Action.NOACTION if self.steering == "board" else STRAIGHT_ON

    @property
    def apple_position(self) -> Position | None:
        """(y, x) of the apple, or None when no cell is left for one; writable."""
        return None if self.game.apple == NOWHERE else divmod(self.game.apple, self.game.width)

    @apple_position.setter
    def apple_position(self, position: Iterable[int] | None) -> None:
        self.game.put_apple(NOWHERE if position is None else cell_at(position, self.game))

    def render_frame(self) -> NDArray[np.uint8]:
        """The board as a picture, of shape (height, width, 3) as `resolution` says."""
        from csai_envs.snake import view

        return view.draw(self.game, self.resolution)

    def render_text(self) -> str:
        """The board as text, a row in each line."""
        from csai_envs.snake import view

        return view.write(self.game)

    def state_dict(self) -> dict[str, Any]:
        """The whole state, generator included, as plain values."""
        return {**super().state_dict(), "game": self.game.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave; the environment goes on as it did from there."""
        super().load_state_dict(state)
        self.game.load_state_dict(state["game"])
        self._foresee()

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies have a board of their own, and are given the state of the game."""
        construct, made_with, state = super().__reduce__()
        variables = {name: each for name, each in state["variables"].items() if name not in self.not_state}
        return construct, made_with, {**state, "variables": variables, "game": self.game.state_dict()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what another environment held."""
        super().__setstate__(state)
        self.game.load_state_dict(state["game"])
        self._foresee()

    def _observe(self, name: str) -> Any:
        return OBSERVERS[name](self.game)

    def _foresee(self) -> None:
        """Keep what plain moves bring from here on, if that is always the same and nobody watches."""
        score = self.game.score
        if score != self._plain_score and self._reward in STEADY and self._quick_look is not None:
            self._plain = self._quick_look, *self._reward("moved", self.game)
            self._plain_score = score
