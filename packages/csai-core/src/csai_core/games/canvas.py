"""A picture in the making: a board of cells below a line of text, the same look for all games.

It is drawn at twice its size on a surface in memory and scaled down, which smooths all edges; no display
is needed. The colors are told apart by nearly everybody, color-blind or not; a test simulates it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core.shell.shared_display import import_pygame

Color = tuple[int, int, int]
Point = tuple[float, float]

BACKGROUND: Color = (13, 19, 33)
LIGHT_CELL: Color = (29, 39, 58)
DARK_CELL: Color = (24, 33, 50)
TEXT: Color = (240, 244, 250)
BLUE: Color = (142, 209, 252)
DEEP_BLUE: Color = (30, 99, 168)
ORANGE: Color = (255, 140, 40)
PALE_ORANGE: Color = (255, 205, 150)
YELLOW: Color = (240, 228, 100)
WALL: Color = (112, 128, 150)

SCALE = 2
"""How much larger than asked for the picture is drawn, before it is scaled down."""


class Canvas:
    """A surface with the geometry of a board; positions are in cells, (0, 0) the top left corner.

    Args:
        resolution: (width, height) of the finished picture, in pixels.
        columns: cells in a row.
        rows: rows of cells.
        text: what stands above the board.
    """

    def __init__(self, resolution: tuple[int, int], columns: float, rows: float, text: str) -> None:
        self._pygame = pygame = import_pygame()
        self._resolution = resolution
        width, height = resolution[0] * SCALE, resolution[1] * SCALE
        self._surface = pygame.Surface((width, height))
        self._surface.fill(BACKGROUND)
        header = max(round(height / 9), 12 * SCALE)
        margin = round(min(width, height) / 40)
        self.cell = max(min((width - 2 * margin) / columns, (height - header - margin) / rows), 1.0)
        """The side of a cell, in pixels of the large picture."""
        self._left = (width - self.cell * columns) / 2
        self._top = header + (height - header - margin - self.cell * rows) / 2
        self._write(text, header)

    def checkerboard(self, columns: int, rows: int) -> None:
        """Fill the board with two shades that take turns."""
        for y in range(rows):
            for x in range(columns):
                self.rectangle(LIGHT_CELL if (x + y) % 2 else DARK_CELL, x, y, 1, 1)

    def rectangle(self, color: Color, x: float, y: float, width: float, height: float) -> None:
        """Fill a rectangle whose top left corner is at (x, y)."""
        x0, y0 = self._pixel(x, y)
        x1, y1 = self._pixel(x + width, y + height)
        self._surface.fill(color, (round(x0), round(y0), round(x1) - round(x0), round(y1) - round(y0)))

    def disc(self, color: Color, x: float, y: float, radius: float) -> None:
        """Fill a circle around (x, y)."""
        self._pygame.draw.circle(self._surface, color, self._pixel(x, y), max(radius * self.cell, 1.0))

    def polygon(self, color: Color, points: list[Point]) -> None:
        """Fill a polygon."""
        self._pygame.draw.polygon(self._surface, color, [self._pixel(*point) for point in points])

    def line(self, color: Color, start: Point, end: Point, width: float) -> None:
        """Draw a straight line with round ends."""
        dx, dy = end[0] - start[0], end[1] - start[1]
        length = max((dx * dx + dy * dy) ** 0.5, 1e-9)
        off_x, off_y = -dy / length * width / 2, dx / length * width / 2
        (x0, y0), (x1, y1) = start, end
        self.polygon(
            color,
            [
                (x0 + off_x, y0 + off_y),
                (x1 + off_x, y1 + off_y),
                (x1 - off_x, y1 - off_y),
                (x0 - off_x, y0 - off_y),
            ],
        )
        self.disc(color, *start, width / 2)
        self.disc(color, *end, width / 2)

    def ring(self, color: Color, x: float, y: float, radius: float, width: float) -> None:
        """Draw a circle around (x, y)."""
        pixels = (max(radius * self.cell, 1.0), max(round(width * self.cell), 1))
        self._pygame.draw.circle(self._surface, color, self._pixel(x, y), *pixels)

    def finish(self) -> NDArray[np.uint8]:
        """The picture, of shape (resolution[1], resolution[0], 3)."""
        small = self._pygame.transform.smoothscale(self._surface, self._resolution)
        return np.ascontiguousarray(self._pygame.surfarray.array3d(small).swapaxes(0, 1))

    def _pixel(self, x: float, y: float) -> Point:
        return self._left + x * self.cell, self._top + y * self.cell

    def _write(self, text: str, header: float) -> None:
        self._pygame.font.init()
        font = self._pygame.font.Font(None, round(0.75 * header))
        image = font.render(text, True, TEXT)
        room = self._surface.get_width() - 2 * self._left
        if image.get_width() > room > 0:
            image = self._pygame.transform.smoothscale_by(image, room / image.get_width())
        self._surface.blit(image, (self._left, (header - image.get_height()) / 2 + header * 0.05))


def mix(start: Color, end: Color, share: float) -> Color:
    """The color that lies `share` of the way from one to another."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue
