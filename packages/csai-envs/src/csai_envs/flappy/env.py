"""Flappy as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import ActionAttribute, BoxType, DiscreteType, ObsAttribute
from csai_core.games import Canvas, KeyedShell
from csai_envs.flappy.rules import BIRD_X, MAX_SPEED, FlappyGame

_LOW = np.array([0.0, -MAX_SPEED, -1.0, 0.0, 0.0], np.float32)
_HIGH = np.array([1.0, MAX_SPEED, 2.0, 1.0, 1.0], np.float32)


class FlappyEnv(KeyedShell):
    """Flap at the right moment to fly through the gaps.

    ## Description
    A bird falls, pipes come nearer, a flap throws the bird upwards. What it teaches: physics in real time,
    where the time that a step stands for matters.

    ## Action space
    `Discrete(2)`, an attribute named "actions": 0 falls, 1 flaps.

    ## Observation space
    One attribute, "state": `Box((5,), float32)`: the bird's height (0 the top of the sky, 1 the ground) and
    speed downwards (skies a second), how far ahead the next pipe's left edge is, and the middles of the
    next two gaps.

    ## Rewards
    1 for each pipe passed, -1 for a crash; `info["reward_parts"]` calls them "pipe" and "crash".

    ## Starting state
    The bird is in the middle of the sky; the gaps are at random heights.

    ## Episode end
    Terminated by touching the ground, the top of the sky or a pipe. `gymnasium.make` truncates after 3000
    steps.

    ## Information
    "score": pipes passed.

    Args:
        **settings: those of `Shell`, among them `render_mode` and `target_fps`; a step stands for
            1 / target_fps seconds.
    """

    environment_id = "CSAI/Flappy-v0"
    keys_to_action: ClassVar[Mapping[str, Any]] = {"space": 1, "up": 1, "w": 1}
    idle_action: ClassVar[Any] = 0
    action_names: ClassVar[Sequence[str]] = ("fall", "flap")

    def __init__(self, **settings: Any) -> None:
        defaults = {"target_fps": 30, "resolution": (480, 540), "environment_name": "Flappy"}
        super().__init__(**{**defaults, **settings})
        self.game = FlappyGame()
        self.num_passed = 0
        self.has_moved = False
        self.game.start(self.keyed_random.draw)
        space = BoxType(_LOW, _HIGH, dtype=np.float32)
        self.register_attribute(ObsAttribute("state", space, self._state, cached=False))
        self.register_attribute(ActionAttribute("actions", DiscreteType(2)))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Begin a flight."""
        super().start_episode(options)
        self.game.start(self.keyed_random.draw)
        self.num_passed, self.has_moved = 0, False

    def advance(self, action: Any, d_t: float) -> None:
        """Fly on for `d_t` seconds."""
        self.num_passed = self.game.move(bool(action), d_t, self.keyed_random.draw)
        self.has_moved = True

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """1 for each pipe just passed, -1 for a crash."""
        return sum(self._parts().values()), self.game.has_crashed

    def get_info(self) -> dict[str, Any]:
        """The score and, after a step, the parts of the reward."""
        info: dict[str, Any] = {"score": self.game.score}
        return {**info, "reward_parts": self._parts()} if self.has_moved else info

    def has_won(self) -> bool | None:
        """False after a crash."""
        return False if self.game.has_crashed else None

    def draw(self) -> Canvas:
        """The sky as a picture."""
        from csai_envs.flappy.rendering import draw

        return draw(self.game, self.resolution)

    def overlay_player(self) -> tuple[float, float]:
        """The middle of the bird."""
        return BIRD_X, self.game.y

    def render_text(self) -> str:
        """The sky as text."""
        from csai_envs.flappy.rendering import render_text

        return render_text(self.game)

    def _parts(self) -> dict[str, float]:
        return {"pipe": float(self.num_passed), "crash": -float(self.game.has_crashed)}

    def _state(self) -> NDArray[np.float32]:
        first, second = self.game.pipes_ahead()[:2]
        state = [self.game.y, self.game.speed, first.x - BIRD_X, first.gap, second.gap]
        return np.clip(np.array(state, np.float32), _LOW, _HIGH)
