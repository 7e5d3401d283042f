"""Snake as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import ActionAttribute, DiscreteType, ObsAttribute
from csai_core.arguments import check_name
from csai_core.games import Canvas, KeyedShell
from csai_envs.snake.board import NOWHERE, Action
from csai_envs.snake.observations import COLORS, OBSERVERS, spaces
from csai_envs.snake.rewards import PRESETS
from csai_envs.snake.rules import ENDS, Event, SnakeGame
from csai_envs.snake.snake_agent import Position, SnakeAgent, cell_at
from csai_envs.snake.steering import KEYS, NAMES, STRAIGHT_ON, turns_of

FPS, RESOLUTION = 8, (480, 540)
"""How fast and how large games are shown, unless they are told otherwise."""


class SnakeEnv(KeyedShell):
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

    ## Speed
    `gymnasium.make("CSAI/Snake-v0")` makes a `FastSnakeEnv` (`csai_envs.snake.fast_env`): the same game in a
    fraction of the time. With its option `copy=False`, "game_state" and "board" give the same array each
    time, which the next step changes.

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
        **settings: those of `Shell`, among them `render_mode` and `attributes`.

    Raises:
        ConfigError: if a size is out of range.
        UnknownNameError: if there is no such reward preset or way of steering.
    """

    environment_id = "CSAI/Snake-v0"
    not_state: ClassVar[tuple[str, ...]] = ("game", "steering", "_preset")

    def __init__(
        self,
        width: int = 16,
        height: int = 16,
        *,
        start_length: int = 3,
        reward: str = "classic",
        steering: str = "board",
        **settings: Any,
    ) -> None:
        defaults = {"target_fps": FPS, "resolution": RESOLUTION, "environment_name": "Snake"}
        super().__init__(**{**defaults, **settings})
        self._preset = PRESETS[check_name("reward preset of Snake", reward, PRESETS)]
        self.steering, turns = steering, turns_of(steering)
        self.game = SnakeGame(width, height, start_length, turns=turns)
        self.game.start(key=0)
        self.snake_agent = SnakeAgent(self.game)
        self.event: Event = "moved"
        """What the last move came to."""
        self._reward_parts: dict[str, float] = {}
        """The named parts of the last reward; empty before the first step."""
        for name, space in spaces(width, height).items():
            self.register_attribute(ObsAttribute(name, space, partial(self._observe, name), cached=False))
        self.register_attribute(ActionAttribute("actions", DiscreteType(len(turns[0]))))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Lay the snake and the apple."""
        super().start_episode(options)
        self.game.start(self.keyed_random.key)
        self.event, self._reward_parts = "moved", {}

    def advance(self, action: Any, d_t: float) -> None:
        """Move the snake one cell."""
        self.event = self.game.move(action)

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """What the preset gives for the last move."""
        reward, self._reward_parts = self._preset(self.event, self.game)
        return reward, self.event in ENDS

    def get_info(self) -> dict[str, Any]:
        """The score and, after a step, the parts of the reward."""
        if not self._reward_parts:
            return {"score": self.game.score}
        return {"score": self.game.score, "reward_parts": self._reward_parts.copy()}

    @property
    def keys_to_action(self) -> Mapping[str, Any]:  # type: ignore[override]
        """Arrows and WASD, as the way of steering takes them."""
        return KEYS[self.steering]

    @property
    def action_names(self) -> tuple[str, ...]:  # type: ignore[override]
        """What people call the actions."""
        return NAMES[self.steering]

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

    def has_won(self) -> bool | None:
        """True with a full board, false after a crash."""
        return {"won": True, "crashed": False}.get(self.event)

    def draw(self) -> Canvas:
        """The board as a picture, of shape (height, width, 3) as `resolution` says."""
        from csai_envs.snake.rendering import draw

        return draw(self.game, self.resolution, self.event == "crashed")

    def overlay_player(self) -> tuple[float, float]:
        """The middle of the head."""
        y, x = divmod(self.game.head, self.game.width)
        return x + 0.5, y + 0.5

    def draw_cells(self) -> NDArray[np.uint8]:
        """The board as colors."""
        colors: NDArray[np.uint8] = COLORS[self.game.codes()]
        return colors.reshape(self.game.height, self.game.width, 3)

    def render_text(self) -> str:
        """The board as text, a row in each line."""
        from csai_envs.snake.rendering import render_text

        return render_text(self.game)

    def state_dict(self) -> dict[str, Any]:
        """The whole state, generator included, as plain values."""
        return {**super().state_dict(), "game": self.game.state_dict()}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave; the environment goes on as it did from there."""
        super().load_state_dict(state)
        self.game.load_state_dict(state["game"])

    def _observe(self, name: str) -> Any:
        return OBSERVERS[name](self.game)
