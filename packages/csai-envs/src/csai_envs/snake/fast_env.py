"""Snake made fast: what `gymnasium.make("CSAI/Snake-v0")` makes. The game to read is `SnakeEnv`.

`FastSnakeEnv` is a `SnakeEnv` with three shortcuts, and a test says that both are the same, step by step:

- an observation of the whole board is the very memory that the game is played on, so that nothing paints it;
- most moves just move: between two apples all of them bring the same reward, which is kept;
- `step` and `reset` skip what only watched, judged or unusual steps need, and leave these to `SnakeEnv`.

Rewards come from `SnakeEnv`. How it moves and what it tells stands here once more, so a change of `advance`
or `get_info` there belongs here too. A subclass that writes such a method by itself is stepped without
shortcuts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from csai_core import AttributeNames
from csai_core.arguments import check_bool
from csai_envs.snake.env import SnakeEnv
from csai_envs.snake.observations import OBSERVERS, PICTURES, Picture
from csai_envs.snake.rewards import STEADY
from csai_envs.snake.rules import SnakeGame
from csai_envs.snake.snake_agent import SnakeAgent
from csai_envs.snake.steering import turns_of

_SHORTCUT = ("start_episode", "advance", "get_current_reward", "get_info", "get_observation")
"""The methods of which a subclass that writes its own is stepped like any other Shell."""


class FastSnakeEnv(SnakeEnv, is_checked=False):  # noqa: D101 - what it is says SnakeEnv, `csai show` too
    not_state: ClassVar[tuple[str, ...]] = (
        *SnakeEnv.not_state,
        *("snake_agent", "_observe_view", "_observe_fast", "_plain_move"),
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
        # With those of Shell there are fewer than thirty variables: from the thirtieth on, CPython takes a
        # third longer to reach each of them.
        super().__init__(
            width, height, start_length=start_length, reward=reward, steering=steering, **settings
        )
        check_bool("Snake", "copy", copy)
        self._observe_view: Callable[[], Any] | None = None
        """How to observe a view of one attribute."""
        view = settings.get("attributes")
        if isinstance(view, str) and view in PICTURES:
            picture = Picture(view, width, height)
            self._observe_view = picture.observer(copy)
            self.game = SnakeGame(
                width, height, start_length, picture.layout, picture.cells, turns_of(steering)
            )
            self.game.start(key=0)
            self.snake_agent = SnakeAgent(self.game)
        elif isinstance(view, str) and view in OBSERVERS:
            self._observe_view = lambda: self._observe(view)
        is_own = any(getattr(type(self), each) is not getattr(FastSnakeEnv, each) for each in _SHORTCUT)
        self._observe_fast = None if is_own or self.render_mode == "human" else self._observe_view
        """The same where the shortcuts may be taken; None where everything is left to `SnakeEnv`."""
        self._plain_move: tuple[int, float, dict[str, float]] | None = None
        """A score, and the reward and its parts for every plain move at that score, once they are known."""
        self._last_action: Any = 0
        self["actions"].update_func, self["actions"].cached = lambda: self._last_action, False

    def reset(
        self,
        attributes: AttributeNames | None = None,
        *,
        seed: int | None = None,
        options: dict[str, Any] | None = None,
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode; see `Shell.reset`."""
        if self._plain_move is not None and self._plain_move[0]:
            self._plain_move = None
        observe = self._observe_fast
        if observe is None or seed is not None or attributes is not None or self.verbose:
            return super().reset(attributes, seed=seed, options=options)
        self.start_episode(options or {})
        self.is_episode_over = self.has_stepped = False
        return observe(), {"score": 0}

    def step(
        self, action: Any, d_t: float | None = None, attributes: AttributeNames | None = None
    ) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Move the snake one cell; see `Shell.step`."""
        observe = self._observe_fast
        if observe is None or attributes is not None or self.is_episode_over:
            return SnakeEnv.step(self, action, d_t, attributes)
        try:
            event = self.game.move(action)
        except (KeyError, TypeError):  # an action of an odd kind, or none at all
            return SnakeEnv.step(self, action, d_t, attributes)
        self.has_stepped = True
        self._last_action = action
        plain_move = self._plain_move
        if event == "moved" and plain_move is not None:
            score, reward, parts = plain_move
            self._reward_parts = parts
            return observe(), reward, False, False, {"score": score, "reward_parts": parts.copy()}
        self.event = event
        observation, score = observe(), self.game.score
        reward, self.is_episode_over = self.get_current_reward(action, observation)
        parts = self._reward_parts
        if event == "ate":
            self._plain_move = None
        elif event == "moved" and self._preset in STEADY:
            self._plain_move = score, reward, parts
        info = {"score": score, "reward_parts": parts.copy()}
        return observation, reward, self.is_episode_over, False, info

    def advance(self, action: Any, d_t: float) -> None:
        """Move the snake one cell, when `SnakeEnv` takes the step."""
        self._last_action, self._plain_move = action, None
        super().advance(action, d_t)

    def get_observation(self, attributes: AttributeNames | None = None) -> Any:
        """What can be observed now; see `Shell.get_observation`."""
        if attributes is None and self._observe_view is not None:
            return self._observe_view()
        if isinstance(attributes, str) and attributes in OBSERVERS:
            return self._observe(attributes)
        return super().get_observation(attributes)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Return to a state that `state_dict` gave; the environment goes on as it did from there."""
        super().load_state_dict(state)
        self._plain_move = None

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Take over what another environment held, on a board of its own."""
        game, snake_agent = self.game, self.snake_agent
        super().__setstate__(state)
        game.load_state_dict(self.game.state_dict())
        self.game, self.snake_agent = game, snake_agent
