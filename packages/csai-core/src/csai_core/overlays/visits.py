"""Where a game has been, and where it went most unlike what was expected."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from csai_core.games.shapes import Grid, Shape, paint_over
from csai_core.overlays.board import Board
from csai_core.overlays.cells import Cell
from csai_core.overlays.drawing import number, player
from csai_core.overlays.overlay import SessionView
from csai_core.palette import BACKGROUND, NEGATIVE, POSITIVE, TEXT
from csai_core.thoughts import History

_DICE = {
    1: (4,),
    2: (2, 6),
    3: (2, 4, 6),
    4: (0, 2, 6, 8),
    5: (0, 2, 4, 6, 8),
    6: (0, 2, 3, 5, 6, 8),
    7: (0, 2, 3, 4, 5, 6, 8),
    8: (0, 1, 2, 3, 5, 6, 7, 8),
    9: (0, 1, 2, 3, 4, 5, 6, 7, 8),
}
"""Which of nine places have a dot."""


class Visits:
    """How often this game was in each cell, as far as it was shown, and its greatest surprise."""

    name = "visits"

    def __init__(self) -> None:
        self._history: History | None = None
        self._cells: list[Cell | None] = []
        """Where the player was before each step, and is now; None where that was not shown."""

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with dots and a ring; see `Overlay.paint`."""
        board = Board.of(view.env, view.observation, view.info)
        if board is None:
            return frame
        self._note(view.history, board.here)
        counts = Counter(cell for cell in self._cells if cell is not None)
        grid = board.on(frame)
        shapes = [*player(board.here), *visits(counts, grid), *surprise(self.greatest_surprise, grid)]
        return paint_over(frame, shapes, grid)

    @property
    def greatest_surprise(self) -> tuple[Cell, float] | None:
        """The cell whose value this game tells to change most, and by how much; None where that is not known.

        It is the largest error of temporal difference.
        """
        moments = [] if self._history is None else self._history.moments
        found = [
            (cell, moment.surprise)
            for cell, moment in zip(self._cells, moments, strict=False)
            if cell is not None and moment.surprise is not None
        ]
        return max(found, key=lambda each: abs(each[1]), default=None)

    def _note(self, history: History, here: Cell) -> None:
        if history is not self._history:
            self._history, self._cells = history, []
        count = len(history.moments)
        self._cells = self._cells[:count]
        self._cells += [None] * (count - len(self._cells)) + [here]


def visits(counts: Mapping[Cell, int], grid: Grid) -> list[Shape]:
    """As many dots in a cell as there were visits, up to nine; more are told by a number.

    Args:
        counts: of the visits.
        grid: where the board lies on the picture.
    """
    shapes: list[Shape] = []
    for (row, column), count in counts.items():
        places = [divmod(place, 3) for place in _DICE[min(count, 9)]]
        dots = [(column + 0.28 + 0.22 * across, row + 0.28 + 0.22 * down) for down, across in places]
        shapes += [Shape("disc", BACKGROUND, (*dot, 0.085)) for dot in dots]
        shapes += [Shape("disc", TEXT, (*dot, 0.055)) for dot in dots]
        if count > 9:
            height = 0.2
            shapes.append(Shape("label", TEXT, (column + 0.5, row + 0.88, height), text=f"{count}"))
    return shapes


def surprise(greatest: tuple[Cell, float] | None, grid: Grid) -> list[Shape]:
    """A ring around the cell whose value changes most, and by how much, with its sign.

    Args:
        greatest: the cell and the number; None draws nothing.
        grid: where the board lies on the picture.
    """
    if greatest is None or greatest[1] == 0:
        return []
    (row, column), error = greatest
    color = POSITIVE if error > 0 else NEGATIVE
    return [
        Shape("ring", BACKGROUND, (column + 0.5, row + 0.5, 0.47, 0.15)),
        Shape("ring", TEXT, (column + 0.5, row + 0.5, 0.45, 0.11)),
        Shape("ring", color, (column + 0.5, row + 0.5, 0.43, 0.07)),
        *number(error, (column + 0.5, row + 0.13), 0.8, 0.2, grid, None),
    ]
