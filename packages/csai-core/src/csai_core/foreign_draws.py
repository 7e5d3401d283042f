"""Draws that wrappers make from an environment's generator: noted, so that an episode can be played again.

`StickyAction` and noise are decided by the generator of the environment below. Playing the episode again
without the wrapper must find the generator at each step where it was then.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

_HALF = 2**64


class ForeignDraws:
    """Where a generator has moved between an environment's own steps.

    Args:
        env: the environment, whose generator may be replaced by each reset.
    """

    def __init__(self, env: Any) -> None:
        self._env = env
        self._left: tuple[Any, ...] = ()
        self._steps: list[int] = []
        self._states: list[tuple[Any, ...]] = []

    def clear(self) -> None:
        """Begin an episode."""
        self._steps.clear()
        self._states.clear()

    def leave(self) -> None:
        """Note where the environment has left its generator."""
        self._left = self._now()

    def enter(self, step: int) -> None:
        """Note where the generator is if somebody has moved it since, before that step of the episode."""
        now = self._now()
        if now != self._left:
            self._steps.append(step)
            self._states.append(now)
            self._left = now

    def state_dict(self) -> dict[str, Any]:
        """What was noted: steps, and for each of them the numbers of a PCG64, of which two have 128 bits."""
        rows = [(a % _HALF, a // _HALF, b % _HALF, b // _HALF, *rest) for a, b, *rest in self._states]
        return {
            "steps": np.array(self._steps, np.int64),
            "states": np.array(rows, np.uint64).reshape(len(rows), 6),
        }

    def _now(self) -> tuple[Any, ...]:
        """The numbers of the generator; nothing for one that Gymnasium does not make."""
        state = self._env.unwrapped.np_random.bit_generator.state
        if state["bit_generator"] != "PCG64":
            return ()
        inner = state["state"]
        return inner["state"], inner["inc"], state["has_uint32"], state["uinteger"]


def states_of(noted: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
    """By steps, the states of the generator that `ForeignDraws.state_dict` has noted."""
    found = {}
    for step, numbers in zip(noted["steps"].tolist(), noted["states"].tolist(), strict=True):
        low, high, inc_low, inc_high, has_uint32, uinteger = numbers
        inner = {"state": low + high * _HALF, "inc": inc_low + inc_high * _HALF}
        found[step] = {
            "bit_generator": "PCG64",
            "state": inner,
            "has_uint32": has_uint32,
            "uinteger": uinteger,
        }
    return found
