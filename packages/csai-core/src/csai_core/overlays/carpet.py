"""A carpet of values, and the steepest way up it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core.games.shapes import Grid, Shape
from csai_core.overlays.cells import Cell
from csai_core.overlays.color_scale import ColorScale
from csai_core.overlays.colored import paint_colored
from csai_core.overlays.drawing import filled, hatched, number, player
from csai_core.overlays.overlay import SessionView
from csai_core.overlays.ruler import Ruler
from csai_core.overlays.scene import Scene, is_undecided, options_of
from csai_core.palette import BACKGROUND, TEXT, Color

_LARGE = 75.0
"""From so many pixels on the number has room in a corner of a cell."""


class Values:
    """What each cell is worth, and the steepest way up.

    Args:
        scale: of the colors; None lets the first picture decide.
    """

    name = "values"

    def __init__(self, scale: ColorScale | None = None) -> None:
        self.ruler = Ruler(scale)

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with a carpet of values; see `Overlay.paint`."""
        return paint_colored(frame, view, self.ruler, carpet)


def carpet(scene: Scene, scale: ColorScale, grid: Grid) -> list[Shape]:
    """The value of every cell, and dots along the steepest way up from where the player is.

    The way is left out where it is not known that actions lead from cell to cell: in Catch they move the
    paddle, while the ball is in the cells.

    Cells in which no action is thought better than another are hatched.

    Args:
        scene: the board, and what the agent thinks.
        scale: of the colors.
        grid: where the board lies on the picture.
    """
    shapes = player(scene.board.here)
    for cell, value in scene.values.items():
        row, column = cell
        options = options_of(scene.thoughts[cell])
        is_hatched = options is not None and is_undecided(options)
        color = scale.color(value)
        is_players = cell == scene.board.here
        if value or not is_hatched:
            shapes.append(filled(cell, color, is_players=is_players))
            paper = None if is_players or is_hatched else color
            shapes += _written(value, cell, grid, paper)
        if is_hatched:
            shapes += hatched([cell])
    for row, column in steepest_path(scene) if scene.board.moves_the_player else []:
        shapes += [
            Shape("disc", BACKGROUND, (column + 0.5, row + 0.62, 0.13)),
            Shape("disc", TEXT, (column + 0.5, row + 0.62, 0.085)),
        ]
    return shapes


def _written(value: float, cell: Cell, grid: Grid, paper: Color | None) -> list[Shape]:
    """The value: in the corner of a large cell, which leaves room for arrows, else above the middle."""
    row, column = cell
    if grid.side >= _LARGE:
        return number(value, (column + 0.25, row + 0.13), 0.42, 0.16, grid, paper)
    return number(value, (column + 0.5, row + 0.24), 0.85, 0.22, grid, paper)


def steepest_path(scene: Scene) -> list[Cell]:
    """The cells from the player's on, each the neighbor of highest value, as long as that goes up.

    A neighbor in which the game is over has no value; it is entered, as the last cell, where the best action
    leads there.
    """
    values, path = scene.values, [scene.board.here]
    if path[0] not in values:
        return []
    while (best := _next(scene, values, path[-1])) is not None:
        path.append(best)
        if best in scene.ends:
            break
    return path


def _next(scene: Scene, values: dict[Cell, float], cell: Cell) -> Cell | None:
    moves = scene.moves()
    options = options_of(scene.thoughts[cell])
    if options is not None and (best := moves[options.chosen]) is not None:
        ahead = scene.board.ahead(cell, best)
        if ahead in scene.ends and not is_undecided(options):
            return ahead
    around = {
        ahead for move in moves if move is not None and (ahead := scene.board.ahead(cell, move)) in values
    }
    steepest = max(sorted(around), key=values.__getitem__, default=None)
    return steepest if steepest is not None and values[steepest] > values[cell] else None
