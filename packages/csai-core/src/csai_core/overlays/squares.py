"""What an agent thinks of the squares that it can take, where each action is a square."""

from __future__ import annotations

from typing import Any, NamedTuple

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.explanation import Options
from csai_core.games.shapes import Grid, Shape, paint_over
from csai_core.overlays.cells import Cell
from csai_core.overlays.color_scale import ColorScale
from csai_core.overlays.drawing import hatched, number
from csai_core.overlays.layout import canvas_of, grid_on
from csai_core.overlays.legend import Chip, was
from csai_core.overlays.overlay import SessionView
from csai_core.overlays.ruler import Ruler
from csai_core.overlays.scene import best_of, is_undecided, options_now
from csai_core.palette import TEXT


class Squares:
    """On each square that can be taken: the value of taking it, or else how likely that is.

    Args:
        scale: of the colors of values; None lets the first picture decide.
    """

    name = "squares"

    def __init__(self, scale: ColorScale | None = None) -> None:
        self.ruler = Ruler(scale)

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with a number on each square; see `Overlay.paint`."""
        places = places_of(view.env)
        options = options_now(view)
        if places is None or options is None:
            return frame
        scale = self.ruler.fixed_by_choice(options)
        grid = grid_on(frame, places.grid, places.size)
        shapes = squares(places.cells, options, scale, grid)
        chip = (
            Chip.of(scale, frame, was(self.ruler)).in_corner(frame.shape[1], grid) if options.values else []
        )
        return paint_over(frame, [*shapes, *chip], grid)


class Places(NamedTuple):
    """Where the actions of a game are on its picture."""

    cells: dict[int, Cell]
    """For each action, counted from 0, the cell that it takes."""
    size: tuple[int, int]
    """(width, height) of the picture that the environment draws, in pixels."""
    grid: Grid


def places_of(env: gymnasium.Env[Any, Any]) -> Places | None:
    """The cells that are taken by a click on them now; None where there are none (see `Shell.target_at`)."""
    shell: Any = env.unwrapped
    canvas = canvas_of(env)
    if canvas is None:
        return None
    cells: dict[int, Cell] = {}
    for row in range(int(canvas.rows)):
        for column in range(int(canvas.columns)):
            target = shell.target_at(*canvas.grid.at(column + 0.5, row + 0.5))
            if target is not None:
                cells[int(target.action) - int(shell.action_space.start)] = row, column
    return Places(cells, canvas.resolution, canvas.grid) if cells else None


def squares(cells: dict[int, Cell], options: Options, scale: ColorScale, grid: Grid) -> list[Shape]:
    """A disc on each square, as large as its chance or in the color of its value; the best have a ring.

    Where no action is thought better than another, the squares are hatched.

    Args:
        cells: where each action is.
        options: what is thought of them.
        scale: of the colors.
        grid: where the cells lie on the picture.
    """
    shapes = hatched(cells.values()) if is_undecided(options) else []
    best = () if is_undecided(options) else best_of(options)
    numbers = options.chances if options.values is None else options.values
    for action, (row, column) in cells.items():
        if numbers is None or not options.allowed[action]:
            continue
        x, y, value = column + 0.5, row + 0.5, numbers[action]
        color = scale.color(value)
        if options.values is None:
            y, radius = y - 0.1, 0.3 * max(value, 0.01) ** 0.5
            written = [Shape("text", TEXT, (x, row + 0.86, 0.16), text=f"{value:.0%}")]
        else:
            radius = 0.36
            written = number(value, (x, y), 0.6, 0.2, grid, color)
        shapes.append(Shape("disc", color, (x, y, radius)))
        if action in best:
            shapes.append(Shape("ring", TEXT, (x, y, radius + 0.05, 0.04)))
        shapes += written
    return shapes
