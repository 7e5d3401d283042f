"""How much a callback holds, and whether that grows with every step that it hears of."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch

CALLS_BETWEEN = 7
"""Of so many calls of `step`, one is weighed."""
LEAST = 24
"""Bytes: less than what a list takes for one more number."""
_FEWEST = 9
"""Calls that were weighed, from which something can be told."""
_A_REFERENCE = 8
_AN_OBJECT = 24
_OTHERS = ("csai_", "torch", "gymnasium")
"""Of what belongs to the training, nothing is weighed."""


class Growth:
    """What a callback holds before and after some of its calls of `step`, one of `CALLS_BETWEEN`."""

    def __init__(self) -> None:
        self._held: list[tuple[int, int]] = []

    def note(self, before: int, after: int) -> None:
        """Take down a call.

        Args:
            before: the bytes that the callback held before it.
            after: and after it.
        """
        self._held.append((before, after))

    def per_step(self) -> float:
        """By how many bytes a step what it holds has grown since the training's middle third.

        What is let go of now and then, as at the end of an episode, or once there is enough, does not count;
        nor does what does not come with each step.
        """
        third = len(self._held) // 3
        middle, last = self._held[third : 2 * third], self._held[2 * third :]
        if len(self._held) < _FEWEST or sum(after > before for before, after in last) < 0.9 * len(last):
            return 0.0
        more = min(after for _, after in last) - min(after for _, after in middle)
        return more / (third * CALLS_BETWEEN)


def bytes_held(callback: Any) -> int:
    """About how many bytes there are in a callback's attributes, but for what is the training's."""
    seen: set[int] = set()
    waiting = [vars(callback)] if hasattr(callback, "__dict__") else []
    total = 0
    while waiting:
        value = waiting.pop()
        if id(value) in seen or isinstance(value, (type, FunctionType, MethodType, ModuleType)):
            continue
        seen.add(id(value))
        if isinstance(value, (np.ndarray, torch.Tensor)):
            total += value.nbytes
        elif isinstance(value, (str, bytes, bytearray)):
            total += len(value)
        elif isinstance(value, Mapping):
            waiting += [*value.keys(), *value.values()]
            total += 2 * _A_REFERENCE * len(value)
        elif isinstance(value, (list, tuple, set, frozenset, deque)):
            waiting += value
            total += _A_REFERENCE * len(value)
        elif hasattr(value, "__dict__") and not type(value).__module__.startswith(_OTHERS):
            waiting.append(vars(value))
        total += _AN_OBJECT
    return total
