"""The scale of an overlay, shown in the picture where it hides least."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_core.games.shapes import Grid, Shape, text_width
from csai_core.overlays.board import Board
from csai_core.overlays.cells import Cell
from csai_core.overlays.color_scale import ColorScale
from csai_core.overlays.drawing import box, written
from csai_core.overlays.ruler import Ruler
from csai_core.overlays.scene import Scene
from csai_core.palette import BACKGROUND

_STEPS = 24


def legend(scale: ColorScale, scene: Scene, frame: NDArray[np.uint8], *lines: Sequence[str]) -> list[Shape]:
    """The colors of a scale and the numbers at its ends.

    They stand at the right below the board or above it; where there is no room, in cells on which nothing
    else is painted, such as walls and holes; else in the upper right corner, over the board.

    Args:
        scale: what is shown.
        scene: what is painted besides.
        frame: the picture.
        *lines: what is told below it, the longest first; the first that has room is taken, else the last.
    """
    grid, (height, width) = scene.board.on(frame), frame.shape[:2]
    chips = [Chip.of(scale, frame, each) for each in lines or [()]]
    for chip in chips:
        room = chip.height + 2 * chip.gap
        if height - grid.at(0, scene.board.rows)[1] >= room:
            return chip.at(width - chip.width - chip.gap, height - chip.height - chip.gap, grid)
        if grid.top >= room:
            return chip.in_corner(width, grid)
        for place in _free_places(scene, grid, chip.width, chip.height):
            return chip.at(*place, grid)
    return chips[-1].in_corner(width, grid)


def was(ruler: Ruler) -> list[str]:
    """What a legend tells of a scale that was widened a short while ago."""
    return [] if ruler.was is None else [f"was {_end(ruler.was.low)} {_end(ruler.was.high)}"]


class Chip(NamedTuple):
    """A small box with a bar of colors; measures are in pixels."""

    scale: ColorScale
    ends: list[str]
    lines: list[str]
    letters: float
    """Their height."""

    @classmethod
    def of(cls, scale: ColorScale, frame: NDArray[np.uint8], lines: Sequence[str]) -> Chip:
        """As large as suits a picture."""
        return cls(
            scale, [_end(scale.low), _end(scale.high)], list(lines), min(max(len(frame) / 34, 7.0), 15.0)
        )

    @property
    def gap(self) -> float:
        """What stays free around it."""
        return 0.4 * self.letters

    @property
    def width(self) -> float:
        """As much as the widest line needs."""
        both = sum(text_width(each, self.letters) for each in self.ends) + self.letters / 2
        texts = [text_width(line, self.letters) for line in self.lines]
        return max(both, 4 * self.letters, *texts) + self.letters

    @property
    def height(self) -> float:
        """The bar, its ends, and the lines below."""
        return self.letters * (2.6 + 1.3 * len(self.lines))

    def in_corner(self, width: float, grid: Grid) -> list[Shape]:
        """Its shapes in the upper right corner of a picture that is so wide."""
        return self.at(width - self.width - self.gap, self.gap, grid)

    def at(self, left: float, top: float, grid: Grid) -> list[Shape]:
        """Its shapes, where its upper left corner is there."""
        letters = self.letters
        shapes = [box(BACKGROUND, left, top, self.width, self.height, grid)]
        start, width = left + letters / 2, self.width - letters
        low, high = self.scale.low, self.scale.high
        for i in range(_STEPS):
            color = self.scale.color(low + (high - low) * (i + 0.5) / _STEPS)
            place = start + width * i / _STEPS, top + 0.4 * letters
            shapes.append(box(color, *place, width / _STEPS, 0.7 * letters, grid))
        line = top + 1.85 * letters
        first, last = (text_width(each, letters) / 2 for each in self.ends)
        shapes.append(written(self.ends[0], start + first, line, letters, grid))
        shapes.append(written(self.ends[1], start + width - last, line, letters, grid))
        for text in self.lines:
            line += 1.3 * letters
            shapes.append(written(text, start + text_width(text, letters) / 2, line, letters, grid))
        return shapes


def _free_places(scene: Scene, grid: Grid, across: float, down: float) -> Iterable[tuple[float, float]]:
    """Where in the picture something so large hides nothing that is painted, best place first."""
    if down > 0.95 * grid.height:
        return
    board = scene.board
    walls, holes = _empty_cells(board), sorted(scene.ends, key=lambda cell: (scene.ends[cell], cell))
    for cells in (walls, [cell for cell in holes if scene.ends[cell] <= 0]):
        for row, column in reversed(cells):
            run = 1
            while (row, column + run) in cells:
                run += 1
            if across <= 0.96 * run * grid.width:
                x, y = grid.at(column + run / 2, row + 0.5)
                yield x - across / 2, y - down / 2


def _empty_cells(board: Board) -> list[Cell]:
    cells = [(row, column) for row in range(board.rows) for column in range(board.columns)]
    return [cell for cell in cells if cell not in board.states]


def _end(number: float) -> str:
    return f"{number:+g}" if number else "0"
