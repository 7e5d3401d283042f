"""The person at a window: which keys are pressed and held, where the mouse points, and what both ask for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.agents import KeyboardAgent
from csai_core.play.screen import Rect
from csai_core.shell import Shell
from csai_core.shell.target import Target

_REPEAT_SECONDS = 0.3
"""After so long a key that is held down is pressed again and again, as keyboards do it."""


class Person:
    """Plays by keyboard, and by mouse where the game takes clicks.

    Args:
        env: what is played.
        keyboard: turns keys into actions.
        clock: tells the time in seconds.
    """

    def __init__(
        self, env: gymnasium.Env[Any, Any], keyboard: KeyboardAgent, clock: Callable[[], float]
    ) -> None:
        self.keyboard = keyboard
        self.has_played = False
        """Whether a key or a click of the game was used so far."""
        self.pointer: tuple[float, float] | None = None
        """Where in the window the mouse is, in pixels."""
        self._env = env
        self._clock = clock
        self._held: str | None = None
        self._repeat_at = 0.0

    @property
    def is_awaited(self) -> bool:
        """Whether the game waits for the next press."""
        return self.keyboard.is_waiting

    @property
    def takes_turns(self) -> bool:
        """Whether each press is one move."""
        return self.keyboard.idle_action is None and not self.keyboard.moves_while_held

    def plays_with(self, key: str) -> bool:
        """Whether a key is the game's."""
        return key in self.keyboard.keys_to_action

    def press(self, key: str) -> None:
        """Press a key of the game."""
        self.has_played = True
        self.keyboard.note(key, True)
        self._held, self._repeat_at = key, self._clock() + _REPEAT_SECONDS

    def release(self, key: str) -> None:
        """Let a key of the game go."""
        self.keyboard.note(key, False)
        if key == self._held:
            self._held = None

    def repeat(self, fps: float) -> None:
        """In a game that waits, press a key that is held down again and again, `fps` times a second."""
        if self._held is not None and self.is_awaited and self._clock() >= self._repeat_at:
            self.keyboard.note(self._held, True)
            self._repeat_at = self._clock() + 1.0 / fps

    def click(self, action: Any) -> None:
        """Ask for what a click means."""
        self.has_played = True
        self.keyboard.press(action)

    def forget_keys(self) -> None:
        """Forget all presses, so that none of them moves in the next game."""
        self._held = None
        self.keyboard.forget_keys()

    def may(self, action: Any, info: Mapping[str, Any]) -> bool:
        """Whether `info["action_mask"]` allows an action; what it forbids would only end the game."""
        mask, space = info.get("action_mask"), self._env.action_space
        if mask is None or not isinstance(space, spaces.Discrete):
            return True
        return bool(np.asarray(mask)[int(action) - int(space.start)])

    def target(self, info: Mapping[str, Any], frame: NDArray[np.uint8], area: Rect) -> Target | None:
        """What a click would mean where the mouse is, if anything that is allowed.

        Args:
            info: what the environment told last.
            frame: its picture.
            area: where in the window that is.
        """
        base = self._env.unwrapped
        if self.pointer is None or not isinstance(base, Shell):
            return None
        left, top, width, _ = area
        scale = frame.shape[1] / width
        target = base.target_at((self.pointer[0] - left) * scale, (self.pointer[1] - top) * scale)
        return target if target is not None and self.may(target.action, info) else None
