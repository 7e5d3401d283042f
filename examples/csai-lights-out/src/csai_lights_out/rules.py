"""The rules of Lights Out: pressing a lamp switches it and its neighbors. Nothing but numpy is needed."""

from __future__ import annotations

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


def new_game(size: int, random: np.random.Generator) -> Lamps:
    """A board with at least one lamp lit that can be solved, since it was made by pressing."""
    lamps: Lamps = np.zeros((size, size), np.int8)
    while is_dark(lamps):
        for cell in np.flatnonzero(random.integers(2, size=size * size)):
            press(lamps, *divmod(int(cell), size))
    return lamps
