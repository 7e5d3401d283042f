"""Four triangles in each cell, one for each action, filled by what the agent expects of it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core.explanation import Options
from csai_core.games.shapes import Grid, Shape
from csai_core.overlays.cells import Cell, Move
from csai_core.overlays.color_scale import ColorScale
from csai_core.overlays.colored import paint_colored
from csai_core.overlays.drawing import THIN_WASH, WASH, filled, hatched, number, player
from csai_core.overlays.overlay import SessionView
from csai_core.overlays.ruler import Ruler
from csai_core.overlays.scene import Scene, best_of, is_undecided, options_of
from csai_core.palette import BACKGROUND

_MIDDLE = 0.17
"""Half the side of the square in the middle, which is for actions that are no moves."""
_LINE = 0.045
"""The width of the outline of the best action."""


class ActionValues:
    """What each action is worth in each cell.

    Args:
        scale: of the colors; None lets the first picture decide.
    """

    name = "action-values"

    def __init__(self, scale: ColorScale | None = None) -> None:
        self.ruler = Ruler(scale)

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with four triangles in each cell; see `Overlay.paint`."""
        return paint_colored(frame, view, self.ruler, triangles, lambda scene: scene.action_values)


def triangles(scene: Scene, scale: ColorScale, grid: Grid) -> list[Shape]:
    """The values of all actions in all cells, the best with an outline; ties are all outlined.

    Actions that do not move the player share a square in the middle. Cells in which no action is thought
    better than another are hatched; those in which the game is over are left as they are.

    Args:
        scene: the board, and what the agent thinks.
        scale: of the colors.
        grid: where the board lies on the picture.
    """
    shapes, moves = player(scene.board.here), scene.moves()
    for cell, explanation in scene.thoughts.items():
        options = options_of(explanation)
        if options is None or options.values is None:
            continue
        opacity = THIN_WASH if cell == scene.board.here else WASH
        if is_undecided(options):
            shapes += _undecided(cell, options.values[options.chosen], scale, grid, opacity)
        else:
            shapes += _fill(cell, options, moves, scale, grid, opacity)
    return shapes


def _undecided(cell: Cell, value: float, scale: ColorScale, grid: Grid, opacity: float) -> list[Shape]:
    """A cell in which all actions have the same value; it is written where it is not zero."""
    row, column = cell
    if value == 0:
        return hatched([cell])
    color = scale.color(value)
    fill = filled(cell, color, is_players=opacity == THIN_WASH)
    return [fill, *hatched([cell]), *number(value, (column + 0.5, row + 0.5), 0.8, 0.2, grid, None)]


def _fill(
    cell: Cell,
    options: Options,
    moves: tuple[Move | None, ...],
    scale: ColorScale,
    grid: Grid,
    opacity: float,
) -> list[Shape]:
    """One cell."""
    still = [a for a, move in enumerate(moves) if move is None and options.allowed[a]]
    fills, outlines, numbers, best = [], [], [], best_of(options)
    line = max(_LINE, 1.2 / grid.side)
    for action, value in enumerate(options.values or ()):
        if not options.allowed[action]:
            continue
        move, color = moves[action], scale.color(value)
        corners = (
            _strip(cell, still.index(action), len(still)) if move is None else _triangle(cell, move, 0.01)
        )
        fills.append(Shape("polygon", color, corners, opacity=opacity))
        if action in best:
            inner = corners if move is None else _triangle(cell, move, line / 2 + 0.015)
            outlines.append(Shape("outline", BACKGROUND, (line, *inner)))
        place, room = _place(cell, corners, move, len(still))
        numbers += number(value, place, room, 0.15, grid, color if opacity == WASH else None)
    return [*fills, *outlines, *numbers]


def _triangle(cell: Cell, move: Move, inset: float) -> tuple[float, ...]:
    """From the middle of a cell to the side that a move leads over, a little smaller than there is room."""
    row, column = cell
    down, right = move
    x, y = column + 0.5 + 2.4 * inset * right, row + 0.5 + 2.4 * inset * down
    edge_x, edge_y = column + 0.5 + (0.5 - inset) * right, row + 0.5 + (0.5 - inset) * down
    half = 0.5 - 2.4 * inset
    return x, y, edge_x - half * down, edge_y - half * right, edge_x + half * down, edge_y + half * right


def _strip(cell: Cell, index: int, count: int) -> tuple[float, ...]:
    """A part of the square in the middle."""
    row, column = cell
    left = column + 0.5 - _MIDDLE + 2 * _MIDDLE * index / count
    right = left + 2 * _MIDDLE / count
    top, bottom = row + 0.5 - _MIDDLE, row + 0.5 + _MIDDLE
    return left, top, right, top, right, bottom, left, bottom


def _place(
    cell: Cell, corners: tuple[float, ...], move: Move | None, num_still: int
) -> tuple[tuple[float, float], float]:
    """Where the number of an action stands, and how wide it may be."""
    row, column = cell
    if move is None:
        return (sum(corners[::2]) / 4, sum(corners[1::2]) / 4), 2 * _MIDDLE / num_still
    down, right = move
    if right and num_still:  # beside the square in the middle
        return (column + 0.5 + 0.335 * right, row + 0.5), 0.27
    return (column + 0.5 + 0.275 * right, row + 0.5 + 0.365 * down), 0.36 if right else 0.5
