"""Copies of an array that changes all the time, handed out faster than numpy makes them."""

from __future__ import annotations

from collections.abc import Callable
from sys import getrefcount
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

_ALL = slice(None)


def copier(memory: bytearray, shape: tuple[int, ...], dtype: DTypeLike) -> Callable[[], NDArray[Any]]:
    """A function that gives a copy of an array each time, which nothing changes as long as anybody has it.

    An array that nobody has any more, neither whole nor as a view of a part, is filled again instead of
    being freed. There are two of them, because most callers look at an observation until they have the
    next. Where both are in use, a new one is made.

    Args:
        memory: where the array lies; what follows it there is not copied out.
        shape: the array's.
        dtype: the array's.
    """
    spare_memory, other_memory = bytearray(len(memory)), bytearray(len(memory))
    # Views of these arrays refer to them and not to others behind them, so that they count as references.
    spare, other = np.ndarray(shape, dtype, spare_memory), np.ndarray(shape, dtype, other_memory)
    alone = getrefcount(spare)  # when nobody else has it; Python's versions count differently

    def copy() -> NDArray[Any]:
        nonlocal spare, other, spare_memory, other_memory
        spare, other = other, spare
        spare_memory, other_memory = other_memory, spare_memory
        if getrefcount(spare) > alone:
            return np.ndarray(shape, dtype, memory).copy()
        spare_memory[_ALL] = memory  # between bytearrays: half the time that memoryviews or numpy take
        return spare

    return copy
