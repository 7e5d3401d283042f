"""Shapes on a canvas: what is drawn, how it becomes a picture, and what stands between two pictures.

Positions are in cells of a grid; whoever paints says where the grid lies. Radii, widths and heights of
letters are in sides of a cell, the shorter one where cells are not square.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_core.palette import BACKGROUND, TEXT, Color
from csai_core.shell.shared_display import font, import_pygame

SCALE = 2
"""How much larger than asked for a picture is painted, before it is scaled down, which smooths all edges."""


_THIN = 2.5
"""Lines that are less wide, in pixels of the large picture, have no round ends."""


class Shape(NamedTuple):
    """One shape of a picture."""

    kind: str
    """"rectangle" (x, y, width, height), "frame" (x, y, width, height, width of its line), "disc" (x, y,
    radius), "ring" (x, y, radius, width), "line" (x, y, x, y, width), "polygon" (x, y, x, y, …), "outline"
    (width, x, y, x, y, …), "hatch" (x, y, width, height, distance), "text" (x, y, height; around its middle)
    or "label", a text with an edge that lets it be read on anything."""
    color: Color
    numbers: tuple[float, ...]
    piece: str = ""
    """The piece it belongs to, such as "ball"; empty for what never moves."""
    opacity: float = 1.0
    """From 0, not seen, to 1, nothing is seen through it; such shapes lie below all others."""
    text: str = ""
    """What is written."""


class Grid(NamedTuple):
    """Where the cells of a board lie on a picture, in its pixels."""

    left: float
    top: float
    width: float
    """Of a cell."""
    height: float
    """Of a cell."""

    @property
    def side(self) -> float:
        """The shorter side of a cell."""
        return min(self.width, self.height)

    def at(self, x: float, y: float) -> tuple[float, float]:
        """The pixel of a place on the board, which is given in cells."""
        return self.left + x * self.width, self.top + y * self.height

    def scaled(self, across: float, down: float | None = None) -> Grid:
        """The same on a picture that is so many times as wide, and as high if that differs."""
        down = across if down is None else down
        return Grid(self.left * across, self.top * down, self.width * across, self.height * down)


def between(before: Sequence[Shape], now: Sequence[Shape], share: float) -> list[Shape]:
    """The shapes of a picture that lies `share` of the way from one to another.

    Pieces that both pictures show, made of the same shapes, are on their way; all else is as it is now.
    """
    old, new = _pieces(before), _pieces(now)
    moving = {piece for piece in new if piece in old and _alike(old[piece], new[piece])}
    starts = {piece: iter(old[piece]) for piece in moving}
    return [
        _on_the_way(next(starts[shape.piece]), shape, share) if shape.piece in moving else shape
        for shape in now
    ]


def paint(
    shapes: Sequence[Shape], resolution: tuple[int, int], background: Color, grid: Grid, header: Any
) -> NDArray[np.uint8]:
    """Shapes as a picture of shape (resolution[1], resolution[0], 3).

    Args:
        shapes: what to paint, in this order.
        resolution: (width, height) of the picture, in pixels.
        background: what is seen where nothing is painted.
        grid: where the board lies on the large picture, which is `SCALE` times as wide and as high.
        header: is given the large surface, and writes what stands above the board.
    """
    pygame = import_pygame()
    surface = pygame.Surface((resolution[0] * SCALE, resolution[1] * SCALE))
    surface.fill(background)
    header(surface)
    _paint_all(pygame, surface, grid, shapes)
    return _finish(pygame, surface, resolution)


def paint_over(frame: NDArray[np.uint8], shapes: Sequence[Shape], grid: Grid) -> NDArray[np.uint8]:
    """A copy of a picture with shapes painted over it.

    Args:
        frame: of shape (height, width, 3).
        shapes: what to paint, in this order; those that are seen through lie below all others.
        grid: where the board lies on the picture.
    """
    pygame = import_pygame()
    height, width = frame.shape[:2]
    surface = pygame.Surface((width, height), depth=32)
    surface.blit(pygame.image.frombuffer(np.ascontiguousarray(frame), (width, height), "RGB"), (0, 0))
    surface = pygame.transform.scale(surface, (width * SCALE, height * SCALE))
    grid = grid.scaled(SCALE)
    if washes := [shape for shape in shapes if shape.opacity < 1]:
        layer = pygame.Surface(surface.get_size(), pygame.SRCALPHA)
        _paint_all(pygame, layer, grid, washes)
        surface.blit(layer, (0, 0))
    _paint_all(pygame, surface, grid, [shape for shape in shapes if shape.opacity >= 1])
    return _finish(pygame, surface, (width, height))


def _paint_all(pygame: Any, surface: Any, grid: Grid, shapes: Sequence[Shape]) -> None:
    for shape in shapes:
        _PAINTERS[shape.kind](pygame, surface, grid, shape)


def _finish(pygame: Any, surface: Any, resolution: tuple[int, int]) -> NDArray[np.uint8]:
    small = pygame.transform.smoothscale(surface, resolution)
    pixels = np.frombuffer(bytearray(pygame.image.tobytes(small, "RGB")), np.uint8)
    return pixels.reshape(resolution[1], resolution[0], 3)


def _pieces(shapes: Sequence[Shape]) -> dict[str, list[Shape]]:
    pieces = defaultdict(list)
    for shape in shapes:
        if shape.piece:
            pieces[shape.piece].append(shape)
    return pieces


def _alike(before: Sequence[Shape], now: Sequence[Shape]) -> bool:
    return [(s.kind, len(s.numbers)) for s in before] == [(s.kind, len(s.numbers)) for s in now]


def _on_the_way(before: Shape, now: Shape, share: float) -> Shape:
    steps = zip(before.numbers, now.numbers, strict=True)
    return now._replace(numbers=tuple(a + (b - a) * share for a, b in steps))


def _ink(shape: Shape) -> tuple[int, int, int, int]:
    return *shape.color, round(255 * shape.opacity)


def _area(grid: Grid, numbers: Sequence[float]) -> tuple[int, int, int, int]:
    """(left, top, width, height) in whole pixels, so that neighbors neither overlap nor leave a gap."""
    x, y, width, height = numbers
    x0, y0 = grid.at(x, y)
    x1, y1 = grid.at(x + width, y + height)
    return round(x0), round(y0), round(x1) - round(x0), round(y1) - round(y0)


def _points(grid: Grid, numbers: Sequence[float]) -> list[tuple[float, float]]:
    return [grid.at(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]


def _rectangle(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    surface.fill(_ink(shape), _area(grid, shape.numbers))


def _frame(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    *area, width = shape.numbers
    pygame.draw.rect(surface, _ink(shape), _area(grid, area), max(round(width * grid.side), 1))


def _disc(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    x, y, radius = shape.numbers
    pygame.draw.circle(surface, _ink(shape), grid.at(x, y), max(radius * grid.side, 1.0))


def _ring(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    x, y, radius, width = shape.numbers
    pixels = max(radius * grid.side, 1.0), max(round(width * grid.side), 1)
    pygame.draw.circle(surface, _ink(shape), grid.at(x, y), *pixels)


def _polygon(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    pygame.draw.polygon(surface, _ink(shape), _points(grid, shape.numbers))


def _line(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    *ends, width = shape.numbers
    start, end = _points(grid, ends)
    _stroke(pygame, surface, _ink(shape), start, end, width * grid.side)


def _outline(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    width, *corners = shape.numbers
    points, pixels = _points(grid, corners), width * grid.side
    if pixels < _THIN:
        pygame.draw.polygon(surface, _ink(shape), points, max(round(pixels), 1))
        return
    for start, end in zip(points, [*points[1:], points[0]], strict=True):
        _stroke(pygame, surface, _ink(shape), start, end, pixels)


def _stroke(pygame: Any, surface: Any, ink: Any, start: Any, end: Any, width: float) -> None:
    """A straight line with round ends, in pixels."""
    (x0, y0), (x1, y1) = start, end
    length = max(((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5, 1e-9)
    x, y = (y0 - y1) / length * width / 2, (x1 - x0) / length * width / 2
    pygame.draw.polygon(
        surface, ink, [(x0 + x, y0 + y), (x1 + x, y1 + y), (x1 - x, y1 - y), (x0 - x, y0 - y)]
    )
    if width >= _THIN:
        for place in (start, end):
            pygame.draw.circle(surface, ink, place, width / 2)


def _hatch(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    """Lines that rise to the right, in one raster for all cells."""
    left, top, width, height = _area(grid, shape.numbers[:4])
    distance = max(round(shape.numbers[4] * grid.side), 3)
    kept = surface.get_clip()
    surface.set_clip((left, top, width, height))
    for sum_of_both in range((left + top) // distance * distance, left + top + width + height, distance):
        start, end = (left, sum_of_both - left), (left + width, sum_of_both - left - width)
        pygame.draw.line(surface, _ink(shape), start, end, SCALE)
    surface.set_clip(kept)


def _text(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    x, y, height = shape.numbers
    image = _written(shape.text, max(round(height * grid.side), 1), shape.color)
    middle_x, middle_y = grid.at(x, y)
    surface.blit(image, (middle_x - image.get_width() / 2, middle_y - image.get_height() / 2))


def _label(pygame: Any, surface: Any, grid: Grid, shape: Shape) -> None:
    x, y, height = shape.numbers
    reach = max(height * grid.side / 8, SCALE)
    edge = BACKGROUND if sum(shape.color) > 3 * 128 else TEXT
    for step_x in (-1, 0, 1):
        for step_y in (-1, 0, 1):
            place = x + step_x * reach / grid.width, y + step_y * reach / grid.height, height
            _text(pygame, surface, grid, shape._replace(color=edge, numbers=place))
    _text(pygame, surface, grid, shape)


def text_width(text: str, height: float) -> float:
    """How wide a text is whose letters are so high, in pixels of the finished picture."""
    return float(_font(round(height * SCALE)).size(text)[0]) / SCALE


@lru_cache(maxsize=2048)
def _written(text: str, height: int, color: Color) -> Any:
    return _font(height).render(text, True, color)


def _font(height: int) -> Any:
    """The font whose letters are so high."""
    return font(round(1.4 * height))


_PAINTERS = {
    "rectangle": _rectangle,
    "frame": _frame,
    "disc": _disc,
    "ring": _ring,
    "line": _line,
    "polygon": _polygon,
    "outline": _outline,
    "hatch": _hatch,
    "text": _text,
    "label": _label,
}
