"""Copies of an array that changes all the time, handed out faster than numpy makes them."""

from __future__ import annotations

from collections.abc import Callable
from sys import getrefcount
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

Spare = tuple[NDArray[Any], bytearray]
"""An array to hand out, and its memory."""
_ALL = slice(None)


def copier(memory: bytearray, shape: tuple[int, ...], dtype: DTypeLike) -> Callable[[], NDArray[Any]]:
    """A function that gives a copy of an array each time, which nothing changes as long as anybody has it.

    What nobody has any more, neither whole nor as a view of a part, is filled again instead of being freed
    and made anew; there are two such arrays, because most callers look at an observation until they have
    the next. Where both are in use, a new one is made.

    Args:
        memory: where the array lies; what follows it there is not copied out.
        shape: the array's.
        dtype: the array's.
    """
    this, other = _spare(memory, shape, dtype), _spare(memory, shape, dtype)
    alone = _num_references(this)

    def copy() -> NDArray[Any]:
        nonlocal this, other
        this, other = other, this
        copied, its_memory = this
        if getrefcount(copied) > alone:
            return np.ndarray(shape, dtype, memory).copy()
        its_memory[_ALL] = memory  # between bytearrays: half the time that memoryviews or numpy take
        return copied

    return copy


def _spare(memory: bytearray, shape: tuple[int, ...], dtype: DTypeLike) -> Spare:
    its_memory = bytearray(len(memory))
    # Views of this array refer to it and not to one behind it, so that they count as references.
    return np.ndarray(shape, dtype, its_memory), its_memory


def _num_references(spare: Spare) -> int:
    """What `getrefcount` says of a spare that nobody else has; Python's versions count differently."""
    copied, _its_memory = spare
    return getrefcount(copied)
