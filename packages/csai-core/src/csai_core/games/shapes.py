"""Shapes on a canvas: what is drawn, how it becomes a picture, and what stands between two pictures.

Positions and lengths are in cells of a board; whoever paints says where the board lies.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_core.palette import Color
from csai_core.shell.shared_display import import_pygame

SCALE = 2
"""How much larger than asked for a picture is painted, before it is scaled down, which smooths all edges."""


class Shape(NamedTuple):
    """One shape of a picture."""

    kind: str
    """"rectangle" (x, y, width, height), "disc" (x, y, radius), "ring" (x, y, radius, width) or "polygon"
    (x, y, x, y, …)."""
    color: Color
    numbers: tuple[float, ...]
    piece: str
    """The piece it belongs to, such as "ball"; empty for what never moves."""


class Board(NamedTuple):
    """Where a board lies on the large picture, in its pixels."""

    left: float
    top: float
    cell: float
    """The side of a cell."""


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
    shapes: Sequence[Shape], resolution: tuple[int, int], background: Color, board: Board, header: Any
) -> NDArray[np.uint8]:
    """Shapes as a picture of shape (resolution[1], resolution[0], 3).

    Args:
        shapes: what to paint, in this order.
        resolution: (width, height) of the picture, in pixels.
        background: what is seen where nothing is painted.
        board: where the board lies.
        header: is given the large surface, and writes what stands above the board.
    """
    pygame = import_pygame()
    surface = pygame.Surface((resolution[0] * SCALE, resolution[1] * SCALE))
    surface.fill(background)
    header(surface)
    for shape in shapes:
        _PAINTERS[shape.kind](pygame, surface, board, shape.color, shape.numbers)
    small = pygame.transform.smoothscale(surface, resolution)
    return np.ascontiguousarray(pygame.surfarray.array3d(small).swapaxes(0, 1))


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


def _at(board: Board, x: float, y: float) -> tuple[float, float]:
    return board.left + x * board.cell, board.top + y * board.cell


def _rectangle(pygame: Any, surface: Any, board: Board, color: Color, numbers: Sequence[float]) -> None:
    x, y, width, height = numbers
    x0, y0 = _at(board, x, y)
    x1, y1 = _at(board, x + width, y + height)
    surface.fill(color, (round(x0), round(y0), round(x1) - round(x0), round(y1) - round(y0)))


def _disc(pygame: Any, surface: Any, board: Board, color: Color, numbers: Sequence[float]) -> None:
    x, y, radius = numbers
    pygame.draw.circle(surface, color, _at(board, x, y), max(radius * board.cell, 1.0))


def _ring(pygame: Any, surface: Any, board: Board, color: Color, numbers: Sequence[float]) -> None:
    x, y, radius, width = numbers
    pixels = max(radius * board.cell, 1.0), max(round(width * board.cell), 1)
    pygame.draw.circle(surface, color, _at(board, x, y), *pixels)


def _polygon(pygame: Any, surface: Any, board: Board, color: Color, numbers: Sequence[float]) -> None:
    points = zip(numbers[::2], numbers[1::2], strict=True)
    pygame.draw.polygon(surface, color, [_at(board, x, y) for x, y in points])


_PAINTERS = {"rectangle": _rectangle, "disc": _disc, "ring": _ring, "polygon": _polygon}
