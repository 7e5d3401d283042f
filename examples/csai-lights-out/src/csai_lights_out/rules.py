"""The rules of Lights Out: pressing a lamp switches it and its neighbors. Nothing but numpy is needed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Lamps = NDArray[np.int8]
"""(size, size), row by row; 1 where a lamp is lit."""


def press(lamps: Lamps, row: int, column: int) -> None:
    """Switch the lamp at (row, column) and those above, below, left and right of it."""
    lamps[row, column] ^= 1
    if row > 0:
        lamps[row - 1, column] ^= 1
    if row < len(lamps) - 1:
        lamps[row + 1, column] ^= 1
    if column > 0:
        lamps[row, column - 1] ^= 1
    if column < len(lamps) - 1:
        lamps[row, column + 1] ^= 1


def is_dark(lamps: Lamps) -> bool:
    """Whether all lamps are out, which is the aim."""
    return not lamps.any()


def new_game(size: int, draw: Callable[[int], int]) -> Lamps:
    """A board with at least one lamp lit that can be solved, since it was made by pressing.

    Args:
        size: lamps in a row and in a column.
        draw: gives a random integer from 0 to below what it is asked for: for each lamp whether to press it,
            and if all stay dark, as with 5 lamps in a row they may, a lamp to press at last.
    """
    lamps: Lamps = np.zeros((size, size), np.int8)
    for cell in range(size * size):
        if draw(2) == 1:
            press(lamps, *divmod(cell, size))
    if is_dark(lamps):
        press(lamps, *divmod(draw(size * size), size))
    return lamps
