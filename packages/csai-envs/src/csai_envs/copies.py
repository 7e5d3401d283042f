"""Copies of an array that changes all the time, handed out faster than numpy makes them."""

from __future__ import annotations

from collections.abc import Callable
from sys import getrefcount
from typing import Any

import numpy as np
from numpy.typing import NDArray

Spare = tuple[NDArray[Any], memoryview]
"""An array to hand out, and its bytes."""


def copier(array: NDArray[Any]) -> Callable[[], NDArray[Any]]:
    """A function that gives a copy of the array each time, which nothing changes as long as anybody has it.

    What nobody has any more, neither whole nor as a view of a part, is filled again instead of being freed
    and made anew; there are two such arrays, because most callers look at an observation until they have
    the next. Where both are in use, a new one is made.

    Args:
        array: a contiguous array.
    """
    source = array.data.cast("B")
    this, other = _spare(array), _spare(array)
    alone = _num_references(this)

    def copy() -> NDArray[Any]:
        nonlocal this, other
        this, other = other, this
        copied, its_bytes = this
        if getrefcount(copied) > alone:
            return array.copy()
        its_bytes[:] = source
        return copied

    return copy


def _spare(array: NDArray[Any]) -> Spare:
    spare = np.empty_like(array)  # owns its memory, so that views of it count as references
    return spare, spare.data.cast("B")


def _num_references(spare: Spare) -> int:
    """What `getrefcount` says of a spare that nobody else has; Python's versions count differently."""
    copied, _its_bytes = spare
    return getrefcount(copied)
