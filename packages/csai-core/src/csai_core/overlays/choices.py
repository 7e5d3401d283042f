"""What an agent thinks of each action, beside the player: for games whose state is not a cell."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from numpy.typing import NDArray

from csai_core.explanation import Options
from csai_core.games.shapes import Grid, Shape, paint_over, text_width
from csai_core.overlays.color_scale import ColorScale
from csai_core.overlays.drawing import box, written
from csai_core.overlays.layout import canvas_of, grid_on
from csai_core.overlays.overlay import SessionView
from csai_core.overlays.ruler import Ruler
from csai_core.overlays.scene import best_of, options_now
from csai_core.palette import BACKGROUND, NEGATIVE, NEUTRAL, POSITIVE, TEXT, WALL
from csai_core.shell import Shell
from csai_core.thoughts.scale import signed

PIXELS = Grid(0, 0, 1, 1)
"""For shapes that are placed by pixels."""


class Choices:
    """Bars at the player: the values of all actions, or else their chances.

    Args:
        scale: of the bars of values; None lets the first picture decide.
    """

    name = "choices"

    def __init__(self, scale: ColorScale | None = None) -> None:
        self.ruler = Ruler(scale)

    def paint(self, frame: NDArray[np.uint8], view: SessionView) -> NDArray[np.uint8]:
        """The picture with a bar for each action; see `Overlay.paint`."""
        options = options_now(view)
        if options is None:
            return frame
        scale = self.ruler.fixed_by_choice(options)
        shapes = choices(options, scale, player_on(view.env, frame), frame)
        return paint_over(frame, shapes, PIXELS)


def player_on(env: gymnasium.Env[Any, Any], frame: NDArray[np.uint8]) -> tuple[float, float, float] | None:
    """Where the player is on a picture, and how much room it takes: (x, y, side) in pixels.

    None where the game does not say.
    """
    shell: Any = env.unwrapped
    place = shell.overlay_player() if isinstance(shell, Shell) else None
    canvas = None if place is None else canvas_of(env)
    if place is None or canvas is None:
        return None
    grid = grid_on(frame, canvas.grid, canvas.resolution)
    x, y = grid.at(*place)
    return x, y, min(grid.side, frame.shape[0] / 12)


def choices(
    options: Options, scale: ColorScale, at: tuple[float, float, float] | None, frame: NDArray[np.uint8]
) -> list[Shape]:
    """A row for each action: its name, a bar from zero, its number; the best have a frame.

    Below bars of values stand the ends of their scale.

    Args:
        options: what is thought of them.
        scale: of the bars.
        at: where the player is, and how much room it takes; None puts the rows in the upper right corner.
        frame: the picture.
    """
    height, width = frame.shape[:2]
    rows = _Rows(options, scale, height)
    left, top = _corner(at, rows.width, rows.height, width, height)
    shapes = [
        box(BACKGROUND, left, top, rows.width, rows.height, PIXELS, 0.86),
        Shape("frame", NEUTRAL, (left, top, rows.width, rows.height, 1)),
    ]
    if at is not None:
        shapes.insert(0, _pointer(at, left, top, rows.width, rows.height))
    return [*shapes, *rows.at(left, top)]


class _Rows:
    """The rows of a box; measures are in pixels."""

    def __init__(self, options: Options, scale: ColorScale, height_of_picture: float) -> None:
        self.options = options
        self.has_values = options.values is not None
        self.numbers = options.values or options.chances or ()
        self.low, self.high = min(scale.low, 0.0), max(scale.high, 0.0)
        self.letters = letters = min(max(height_of_picture / 36, 8.0), 14.0)
        self.names = [name[:10] for name in options.names]
        self.row = min(1.7 * letters, 0.85 * height_of_picture / (len(self.names) + 1))
        self.name_width = max(text_width(name, letters) for name in self.names)
        self.bar_width = 5.5 * letters
        self.width = self.name_width + self.bar_width + text_width("+0.00", letters) + 2.4 * letters
        self.height = self.row * (len(self.names) + 0.8 * self.has_values) + 0.8 * letters

    def at(self, left: float, top: float) -> list[Shape]:
        """All of them."""
        start, first = left + 0.6 * self.letters, top + 0.4 * self.letters + 0.5 * self.row
        best = best_of(self.options)
        shapes = []
        for action in range(len(self.names)):
            middle = first + self.row * action
            shapes += self._row(action, start, middle, is_best=action in best)
        return shapes + (
            self._ends(start, first + self.row * (len(self.names) - 0.1)) if self.has_values else []
        )

    def _row(self, action: int, left: float, middle: float, *, is_best: bool) -> list[Shape]:
        letters, name, is_allowed = self.letters, self.names[action], self.options.allowed[action]
        ink = TEXT if is_allowed else WALL
        shapes = [written(name, left + text_width(name, letters) / 2, middle, letters, PIXELS, ink)]
        bar, half = left + self.name_width + 0.5 * letters, 0.45 * letters
        if not is_allowed:
            return [*shapes, Shape("hatch", WALL, (bar, middle - half, self.bar_width, 2 * half, 5))]
        number = self.numbers[action]
        zero, end = self._place(bar, 0.0), self._place(bar, number)
        length = max(abs(end - zero), 1.0)
        shapes.append(box(WALL, bar, middle - 0.5, self.bar_width, 1, PIXELS))
        color = POSITIVE if number >= 0 else NEGATIVE
        shapes.append(box(color, min(zero, end), middle - half, length, 2 * half, PIXELS))
        if is_best:
            place = min(zero, end) - 1.5, middle - half - 1.5, length + 3, 2 * half + 3
            shapes.append(Shape("frame", TEXT, (*place, 1.5)))
        shapes.append(box(TEXT, zero - 0.5, middle - half - 1, 1, 2 * half + 2, PIXELS))
        text = _short(number) if self.has_values else f"{number:.0%}"
        x = bar + self.bar_width + 0.5 * letters + text_width(text, letters) / 2
        return [*shapes, written(text, x, middle, letters, PIXELS, ink)]

    def _ends(self, left: float, middle: float) -> list[Shape]:
        bar, height = left + self.name_width + 0.5 * self.letters, 0.8 * self.letters
        ends = [(self.low, bar), (self.high, bar + self.bar_width)]
        return [written(f"{end:+g}" if end else "0", x, middle, height, PIXELS, WALL) for end, x in ends]

    def _place(self, bar: float, number: float) -> float:
        inside = min(max(number, self.low), self.high)
        return bar + self.bar_width * (inside - self.low) / (self.high - self.low)


def _short(number: float) -> str:
    """A number in about five letters."""
    return signed(number, decimals=2 if abs(number) < 10 else 1 if abs(number) < 100 else 0)


def _corner(
    at: tuple[float, float, float] | None, across: float, down: float, width: float, height: float
) -> tuple[float, float]:
    """Where the rows lie: at the side of the player where there is more room."""
    if at is None:
        return width - across - 4, 4.0
    x, y, side = at
    right = x + 1.1 * side
    left = right if right + across < width - 2 else x - 1.1 * side - across
    return min(max(left, 2.0), width - across - 2), min(max(y - down / 2, 2.0), height - down - 2)


def _pointer(at: tuple[float, float, float], left: float, top: float, across: float, down: float) -> Shape:
    x, y, _ = at
    edge = left if x < left else left + across
    return Shape("line", NEUTRAL, (x, y, edge, min(max(y, top), top + down), 1.5))
