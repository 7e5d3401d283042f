"""A picture in the making: a board of cells below a line of text, the same look for all games.

A canvas notes shapes and paints them when it is finished; no display is needed. Shapes of one piece can be
painted on their way from where they were before.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.games.shapes import SCALE, Grid, Shape, between, paint
from csai_core.palette import BACKGROUND, DARK_CELL, LIGHT_CELL, LOSS, TEXT, WIN, Color
from csai_core.shell.shared_display import font, import_pygame

Point = tuple[float, float]


class Canvas:
    """A picture with the geometry of a board; positions are in cells, (0, 0) the top left corner.

    Args:
        resolution: (width, height) of the finished picture, in pixels.
        columns: cells in a row.
        rows: rows of cells.
        text: what stands above the board.
    """

    def __init__(self, resolution: tuple[int, int], columns: float, rows: float, text: str) -> None:
        import_pygame()
        self.text = text
        self.columns, self.rows = columns, rows
        self.resolution = resolution
        width, height = resolution[0] * SCALE, resolution[1] * SCALE
        self._header = header = max(round(height / 9), 12 * SCALE)
        margin = round(min(width, height) / 40)
        cell = max(min((width - 2 * margin) / columns, (height - header - margin) / rows), 1.0)
        top = header + (height - header - margin - cell * rows) / 2
        self._grid = Grid((width - cell * columns) / 2, top, cell, cell)
        self._shapes: list[Shape] = []
        self._piece = ""

    @contextmanager
    def piece(self, name: str) -> Iterator[None]:
        """What is drawn inside belongs to a piece that moves, such as "ball"; each has a name of its own.

        From one picture to the next, `csai play` lets pieces of one name glide.
        """
        self._piece = name
        yield
        self._piece = ""

    def checkerboard(self, columns: int, rows: int) -> None:
        """Fill the board with two shades that take turns."""
        for y in range(rows):
            for x in range(columns):
                self.rectangle(LIGHT_CELL if (x + y) % 2 else DARK_CELL, x, y, 1, 1)

    def rectangle(self, color: Color, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle whose top left corner is at (x, y)."""
        self._add("rectangle", color, x, y, width, height)

    def disc(self, color: Color, x: float, y: float, radius: float) -> None:
        """Fill a circle around (x, y)."""
        self._add("disc", color, x, y, radius)

    def polygon(self, color: Color, points: list[Point]) -> None:
        """Fill a polygon."""
        self._add("polygon", color, *(number for point in points for number in point))

    def line(self, color: Color, start: Point, end: Point, width: float) -> None:
        """Draw a straight line with round ends."""
        self._add("line", color, *start, *end, width)

    def ring(self, color: Color, x: float, y: float, radius: float, width: float) -> None:
        """Draw a circle around (x, y)."""
        self._add("ring", color, x, y, radius, width)

    def mark_win(self, x: float, y: float, radius: float = 0.5) -> None:
        """Ring the place that won the game."""
        self.ring(BACKGROUND, x, y, radius + 0.12 * radius, 0.36 * radius)
        self.ring(WIN, x, y, radius, 0.2 * radius)

    def mark_loss(self, x: float, y: float, radius: float = 0.5) -> None:
        """Cross out the place that lost the game."""
        reach = 0.7 * radius
        for color, width in ((BACKGROUND, 0.5 * radius), (LOSS, 0.26 * radius)):
            self.line(color, (x - reach, y - reach), (x + reach, y + reach), width)
            self.line(color, (x - reach, y + reach), (x + reach, y - reach), width)

    @property
    def grid(self) -> Grid:
        """Where the board lies on the finished picture."""
        return self._grid.scaled(1 / SCALE)

    def cell_at(self, x: float, y: float) -> tuple[float, float]:
        """The position on the board of a pixel of the finished picture."""
        left, top, width, height = self.grid
        return (x - left) / width, (y - top) / height

    def area(self, x: float, y: float) -> tuple[float, float, float, float]:
        """Where a cell is in the finished picture: (left, top, width, height) in pixels."""
        return *self.grid.at(x, y), self.grid.width, self.grid.height

    def finish(self) -> NDArray[np.uint8]:
        """The picture, of shape (resolution[1], resolution[0], 3)."""
        return self._paint(self._shapes)

    def board(self, width: int, height: int) -> NDArray[np.uint8]:
        """The board alone, stretched over a picture of shape (height, width, 3)."""
        grid = Grid(0, 0, width * SCALE / self.columns, height * SCALE / self.rows)
        return paint(self._shapes, (width, height), BACKGROUND, grid, lambda surface: None)

    def on_the_way(self, before: Canvas, share: float) -> NDArray[np.uint8]:
        """The picture with its pieces `share` of the way from where they were on another canvas."""
        return self._paint(between(before._shapes, self._shapes, share))

    def _add(self, kind: str, color: Color, *numbers: float) -> None:
        self._shapes.append(Shape(kind, color, numbers, self._piece))

    def _paint(self, shapes: list[Shape]) -> NDArray[np.uint8]:
        return paint(shapes, self.resolution, BACKGROUND, self._grid, self._write)

    def _write(self, surface: Any) -> None:
        pygame = import_pygame()
        image = font(round(0.75 * self._header)).render(self.text, True, TEXT)
        room = surface.get_width() - 2 * self._grid.left
        if image.get_width() > room > 0:
            image = pygame.transform.smoothscale_by(image, room / image.get_width())
        top = (self._header - image.get_height()) / 2 + self._header * 0.05
        surface.blit(image, (self._grid.left, top))


def mix(start: Color, end: Color, share: float) -> Color:
    """The color that lies `share` of the way from one to another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue
