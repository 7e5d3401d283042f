"""Glyphs: the small picture on each block's card, one function for each kind of block.

Every function draws into a box of 1 by 1 around (0, 0), through a `Pen` that knows where the card is.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

from csai_neural.blocks.block import Block

Point = tuple[float, float]


class Pen:
    """Draws shapes in one color, in the coordinates of one card.

    Args:
        axes: matplotlib axes.
        center: the middle of the glyph in the picture.
        scale: how long a glyph's unit is in the picture.
        color: of lines and fills.
    """

    def __init__(self, axes: Any, center: Point, scale: float, color: str) -> None:
        self.axes = axes
        self.center = center
        self.scale = scale
        self.color = color

    def at(self, point: Point) -> Point:
        """A point of the glyph, in the picture."""
        return (self.center[0] + point[0] * self.scale, self.center[1] + point[1] * self.scale)

    def line(self, *points: Point, width: float = 1.2, alpha: float = 1.0) -> None:
        """A line through points."""
        xs, ys = zip(*(self.at(point) for point in points), strict=True)
        self.axes.plot(
            xs, ys, color=self.color, linewidth=width, alpha=alpha, solid_capstyle="round", zorder=4
        )

    def dot(self, point: Point, radius: float, fill: str | None = None) -> None:
        """A neuron."""
        from matplotlib.patches import Circle

        self.axes.add_patch(
            Circle(
                self.at(point),
                radius * self.scale,
                facecolor=fill or self.color,
                edgecolor=self.color,
                linewidth=1.2,
                zorder=5,
            )
        )

    def box(self, corner: Point, width: float, height: float, fill: Any = "white") -> None:
        """A rectangle from its lower left corner."""
        from matplotlib.patches import Rectangle

        self.axes.add_patch(
            Rectangle(
                self.at(corner),
                width * self.scale,
                height * self.scale,
                facecolor=fill,
                edgecolor=self.color,
                linewidth=1.1,
                zorder=5,
            )
        )

    def tint(self, strength: float) -> Any:
        """The color mixed with white."""
        from matplotlib.colors import to_rgb

        return tuple(1.0 - (1.0 - part) * strength for part in to_rgb(self.color))

    def text(self, point: Point, text: str, size: float) -> None:
        """Text around a point."""
        x, y = self.at(point)
        self.axes.text(x, y, text, ha="center", va="center", fontsize=size, color=self.color, zorder=6)


def draw_glyph(pen: Pen, block: Block) -> None:
    """Draw the glyph for a block; unknown kinds get the general one."""
    kinds = (getattr(cls, "kind", "") for cls in type(block).__mro__)
    kind = next((kind for kind in kinds if kind in GLYPHS), "")
    GLYPHS.get(kind, _layers)(pen, block)


def _input(pen: Pen, block: Block) -> None:
    shape = block.output_shape or ()
    if len(shape) == 3:
        _grid(pen, 6, 0.74)
    elif len(shape) == 2:
        _bars(pen, 7)
    else:
        _column(pen, 0.0, min(block.output_size or 1, 5), hollow=True)


def _conv(pen: Pen, block: Block) -> None:
    """Stacks of planes that shrink and multiply."""
    for x, size, planes in ((-0.33, 0.46, 2), (0.1, 0.3, 3), (0.41, 0.17, 4)):
        for i in range(planes):
            offset = 0.045 * (i - (planes - 1) / 2)
            corner = (x + offset - size / 2, -offset - size / 2)
            pen.box(corner, size, size, fill=pen.tint(0.12 + 0.1 * i))


def _layers(pen: Pen, block: Block) -> None:
    """Columns of neurons, all linked."""
    _dense(pen, ((-0.36, 4), (0.0, 5), (0.36, 4)))


def _output(pen: Pen, block: Block) -> None:
    count = min(block.output_size or 1, 5)
    _dense(pen, ((-0.25, 4), (0.2, count)))
    for y in _heights(count):
        pen.line((0.29, y), (0.42, y), width=1.4)


def _dueling(pen: Pen, block: Block) -> None:
    count = min(block.output_size or 1, 4)
    for target in (0.3, -0.2):
        pen.line((-0.4, 0.0), (-0.02, target), width=1.0, alpha=0.6)
    pen.dot((-0.4, 0.0), 0.055)
    pen.dot((0.0, 0.3), 0.07)
    pen.text((0.26, 0.3), "V", 11)
    for y in _heights(count):
        pen.dot((0.0, -0.2 + 0.62 * y), 0.042, fill=pen.tint(0.25))
    pen.text((0.26, -0.2), "A", 11)


def _flatten(pen: Pen, block: Block) -> None:
    for i in range(3):
        for j in range(3):
            pen.box((-0.46 + 0.16 * i, -0.24 + 0.16 * j), 0.16, 0.16, fill=pen.tint(0.1 + 0.06 * (i + j)))
    pen.line((0.1, 0.0), (0.22, 0.0), width=1.6)
    pen.line((0.17, 0.05), (0.22, 0.0), (0.17, -0.05), width=1.6)
    for i in range(6):
        pen.box((0.32, -0.45 + 0.15 * i), 0.14, 0.15, fill=pen.tint(0.1 + 0.06 * i))


def _join(pen: Pen, block: Block) -> None:
    sign = {"sum": "+", "product": "\N{MULTIPLICATION SIGN}"}.get(getattr(block, "method", ""), "")
    for y in (0.34, 0.0, -0.34):
        pen.line((-0.45, y), (-0.17, y * 0.35), width=1.6, alpha=0.8)
    pen.dot((0.0, 0.0), 0.2, fill="white")
    if sign:
        pen.text((0.0, 0.0), sign, 16)
    else:
        for i in range(3):
            pen.box((-0.055, -0.15 + 0.1 * i), 0.11, 0.1, fill=pen.tint(0.15 + 0.25 * i))
    pen.line((0.2, 0.0), (0.45, 0.0), width=1.6)


def _recurrent(pen: Pen, block: Block) -> None:
    angles = [1.7 * math.pi * step / 20 for step in range(21)]
    arc = [(0.27 * math.sin(angle), 0.08 + 0.27 * math.cos(angle)) for angle in angles]
    pen.line(*arc, width=1.8)
    x, y = arc[-1]
    pen.line((x - 0.02, y - 0.12), (x, y), (x - 0.13, y - 0.02), width=1.8)
    pen.dot((0.0, 0.08), 0.09)
    for i in range(5):
        pen.dot((-0.32 + 0.16 * i, -0.4), 0.035, fill=pen.tint(0.2 + 0.2 * i))


def _attention(pen: Pen, block: Block) -> None:
    """Who looks at whom: a grid with a strong diagonal."""
    for i in range(5):
        for j in range(5):
            strength = math.exp(-0.7 * abs(i - j)) * (0.95 if (i * 3 + j) % 4 else 0.5)
            pen.box((-0.4 + 0.16 * i, 0.24 - 0.16 * j), 0.16, 0.16, fill=pen.tint(0.05 + 0.8 * strength))


def _residual(pen: Pen, block: Block) -> None:
    pen.line((-0.46, -0.15), (-0.26, -0.15), width=1.6)
    pen.box((-0.26, -0.3), 0.4, 0.3, fill=pen.tint(0.25))
    pen.line((0.14, -0.15), (0.27, -0.15), width=1.6)
    arc = [(-0.36 + 0.72 * t / 20, -0.15 + 0.48 * math.sin(math.pi * t / 20)) for t in range(21)]
    pen.line(*arc, width=1.8)
    pen.dot((0.36, -0.15), 0.09, fill="white")
    pen.text((0.36, -0.15), "+", 11)


def _norm(pen: Pen, block: Block) -> None:
    curve = [(x / 20, 0.62 * math.exp(-((x / 6) ** 2)) - 0.28) for x in range(-9, 10)]
    pen.line((-0.46, -0.28), (0.46, -0.28), width=1.0, alpha=0.5)
    pen.line(*curve, width=2.0)


def _embedding(pen: Pen, block: Block) -> None:
    for row in range(5):
        for column in range(4):
            is_chosen = row == 1
            strength = 0.75 - 0.12 * column if is_chosen else 0.06 + 0.05 * ((row * 7 + column * 3) % 3)
            pen.box((-0.1 + 0.14 * column, 0.26 - 0.15 * row), 0.14, 0.15, fill=pen.tint(strength))
    pen.line((-0.42, 0.185), (-0.14, 0.185), width=1.6)
    pen.line((-0.2, 0.235), (-0.14, 0.185), (-0.2, 0.135), width=1.6)


def _grid(pen: Pen, cells: int, size: float) -> None:
    """A small picture: a snake that heads for an apple."""
    step = size / cells
    snake, apple = {(1, 1), (1, 2), (1, 3), (2, 3), (3, 3)}, (4, 1)
    for i in range(cells):
        for j in range(cells):
            strength = 0.75 if (i, j) in snake else 0.45 if (i, j) == apple else 0.07
            pen.box((-size / 2 + i * step, -size / 2 + j * step), step, step, fill=pen.tint(strength))


def _bars(pen: Pen, count: int) -> None:
    for i in range(count):
        height = 0.3 + 0.4 * abs(math.sin(1.3 * i + 0.7))
        pen.box((-0.42 + 0.12 * i, -0.35), 0.085, height, fill=pen.tint(0.35))


def _column(pen: Pen, x: float, count: int, hollow: bool = False) -> None:
    for y in _heights(count):
        pen.dot((x, y), 0.06, fill=pen.tint(0.25) if hollow else None)


def _dense(pen: Pen, columns: tuple[tuple[float, int], ...]) -> None:
    for (x, count), (next_x, next_count) in itertools.pairwise(columns):
        for y in _heights(count):
            for next_y in _heights(next_count):
                pen.line((x, y), (next_x, next_y), width=0.6, alpha=0.35)
    for x, count in columns:
        _column(pen, x, count)


def _heights(count: int) -> list[float]:
    return [0.19 * ((count - 1) / 2 - i) for i in range(count)]


GLYPHS: dict[str, Callable[[Pen, Block], None]] = {
    "input": _input,
    "dict_input": _input,
    "conv": _conv,
    "linear": _layers,
    "output": _output,
    "dueling": _dueling,
    "flatten": _flatten,
    "join": _join,
    "recurrent": _recurrent,
    "attention": _attention,
    "residual": _residual,
    "norm": _norm,
    "embedding": _embedding,
}
