"""Shell as the classic loop has it: `state = reset()` and `state, reward, done = step(action)`.

It is csai's Shell in all else; an algorithm that trains in it takes it as a Gymnasium environment.
"""

from __future__ import annotations

from typing import Any

import csai_core
from CoderSchoolAI.Environments.screen import Clock, Screen
from csai_core import (
    ActionAttribute,
    AttributeNames,
    BoxType,
    DiscreteType,
    MultiBinaryType,
    MultiDiscreteType,
    ObsAttribute,
    SpaceType,
)
from csai_core.errors import ContractError

__all__ = [
    "ActionAttribute",
    "BoxType",
    "DiscreteType",
    "MultiBinaryType",
    "MultiDiscreteType",
    "ObsAttribute",
    "Shell",
    "SpaceType",
]


class Shell(csai_core.Shell):
    """An environment of the classic loop.

    A subclass writes `reset(attributes=None)`, which returns the state alone, and
    `step(action, d_t, attributes=None)`, which returns `(state, reward, done)`; or the three methods of
    `csai_core.Shell`, of which both are made then. A step that is called without its `d_t` is told
    1 / target_fps.

    Args:
        *args: those of `csai_core.Shell`, in the original's order.
        **settings: the same by name.
    """

    is_classic = True
    screen = Screen()
    clock = Clock()

    def reset(self, attributes: AttributeNames | None = None, *, seed: int | None = None) -> Any:  # type: ignore[override]
        """Start an episode and return the state alone; see `csai_core.Shell.reset`.

        Raises:
            ContractError: if the class writes neither `reset` nor `start_episode`.
        """
        if self._writes_nothing():
            raise ContractError(
                f"{type(self).__name__} has no method reset(self, attributes=None), and no "
                "start_episode(self, options) to make one of; write one of them in the class."
            )
        return super().reset(attributes, seed=seed)[0]

    def step(self, action: Any, d_t: float | None = None, attributes: AttributeNames | None = None) -> Any:
        """Take one step and return `(state, reward, done)`; see `csai_core.Shell.step`."""
        state, reward, terminated, truncated, _ = super().step(action, d_t, attributes)
        return state, reward, terminated or truncated

    def _writes_nothing(self) -> bool:
        written = type(self)
        return written.reset is Shell.reset and written.start_episode is csai_core.Shell.start_episode
