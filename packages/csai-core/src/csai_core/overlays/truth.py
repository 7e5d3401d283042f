"""What an agent believes beside what is true, where the game's table is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from csai_core.games.shapes import Grid, Shape, paint_over
from csai_core.overlays.board import Board
from csai_core.overlays.cells import Cell
from csai_core.overlays.color_scale import NO_SCALE, ColorScale
from csai_core.overlays.drawing import THIN_WASH, WASH, number, player
from csai_core.overlays.known_table import KnownTable
from csai_core.overlays.legend import legend, was
from csai_core.overlays.overlay import SessionView
from csai_core.overlays.ruler import Ruler
from csai_core.overlays.scene import Scene, is_undecided, options_of
from csai_core.overlays.table import Table
from csai_core.overlays.value_iteration import value_iteration
from csai_core.palette import BACKGROUND, WALL


class Truth:
    """The agent's value of each cell above the true one.

    Args:
        scale: of the colors; None lets the first picture decide.
    """

    name = "truth"

    def __init__(self, scale: ColorScale | None = None) -> None:
        self.ruler = Ruler(scale)
        self._solved: tuple[Table, float, NDArray[np.float64]] | None = None

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with both values in each cell; see `Overlay.paint`."""
        comparison = self.compare(view)
        if comparison is None:
            return frame
        scene = comparison.scene
        numbers = [*comparison.believed.values(), *comparison.true.values()]
        scale = self.ruler.fixed_by(numbers)
        grid = scene.board.on(frame)
        short = [f"error {comparison.error:.2g}", *was(self.ruler)]
        told = legend(scale or NO_SCALE, scene, frame, ["agent over truth", *short], short)
        shapes = beside(comparison, scale or NO_SCALE, grid)
        return paint_over(frame, [*shapes, *told], grid)

    def compare(self, view: SessionView) -> Comparison | None:
        """Both values of all cells; None where one of them is not known."""
        scene, gamma = Scene.of(view), view.history.gamma
        if scene is None or scene.board.known is None or gamma is None:
            return None
        true = self._true_values(scene.board.known, gamma)
        believed = {cell: value for cell, value in scene.values.items() if cell in true}
        return Comparison(scene, believed, {cell: true[cell] for cell in believed}) if believed else None

    def _true_values(self, known: KnownTable, gamma: float) -> dict[Cell, float]:
        if self._solved is None or self._solved[0] is not known.table or self._solved[1] != gamma:
            self._solved = known.table, gamma, value_iteration(known.table, gamma)
        best = self._solved[2].max(axis=1)
        return {cell: float(best[state]) for cell, state in known.numbers.items()}


@dataclass(frozen=True)
class Comparison:
    """What an agent believes of the cells of a board, and what is true."""

    scene: Scene
    believed: Mapping[Cell, float]
    true: Mapping[Cell, float]
    """Of the same cells."""

    @property
    def error(self) -> float:
        """The mean absolute difference."""
        return float(np.mean([abs(self.believed[cell] - self.true[cell]) for cell in self.true]))


def has_truth(board: Board, gamma: float | None) -> bool:
    """Whether the true values of a board's cells can be told."""
    return board.known is not None and gamma is not None


def beside(comparison: Comparison, scale: ColorScale, grid: Grid) -> list[Shape]:
    """In each cell the agent's value above and the true one below, in the same colors.

    The upper half is hatched where no action is thought better than another.

    Args:
        comparison: both values.
        scale: of the colors.
        grid: where the board lies on the picture.
    """
    here = comparison.scene.board.here
    shapes = player(here)
    for cell in comparison.true:
        row, column = cell
        opacity = THIN_WASH if cell == here else WASH
        options = options_of(comparison.scene.thoughts[cell])
        is_hatched = options is not None and is_undecided(options)
        for value, top in ((comparison.believed[cell], 0.0), (comparison.true[cell], 0.5)):
            color, half = scale.color(value), (column, row + top, 1, 0.5)
            is_unsure = is_hatched and not top
            if value or not is_unsure:
                shapes.append(Shape("rectangle", color, half, opacity=opacity))
                paper = None if cell == here or is_unsure else color
                shapes += number(value, (column + 0.5, row + top + 0.25), 0.85, 0.22, grid, paper)
            if is_unsure:
                shapes.append(Shape("hatch", WALL, (*half, 0.2), opacity=0.9))
        shapes.append(Shape("line", BACKGROUND, (column, row + 0.5, column + 1, row + 0.5, 0.02)))
    return shapes
