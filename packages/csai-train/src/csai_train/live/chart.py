"""A learning curve in letters: of braille dots where a terminal has them, else of ASCII."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from rich.text import Text

from csai_train.live.reference import Bounds, Reference
from csai_train.runs.figures import short
from csai_train.runs.running_means import Floats

_BRAILLE = 0x2800
_DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille letter, by row and column."""
CURVE, REFERENCE, FAINT = "bold #4ea3e0", "#f59322", "dim"


def draw_chart(
    steps: Floats,
    values: Floats,
    total_steps: int,
    references: Sequence[Reference],
    size: tuple[int, int],
    *,
    is_ascii: bool,
    unit: str = "steps",
) -> list[Text]:
    """A curve from step 0 to the last that is planned, with lines for what it is compared with.

    At its left stand the highest and the lowest of all numbers.

    Args:
        steps: at which there are values.
        values: of the curve.
        total_steps: how long the training will be.
        references: levels to be compared with.
        size: (letters in a line, lines), axes included.
        is_ascii: whether only ASCII is used.
        unit: what a step is called.
    """
    width, height = size
    bounds, rows = Bounds.of(values, references), max(height - 1, 2)
    labels = {_row(number, bounds, rows): f"{number:.4g}" for number in (bounds.lowest, bounds.highest)}
    margin = max(map(len, labels.values())) + 1
    right = max((len(each.words) for each in references), default=0) + 1
    columns = max(width - margin - right, 8)
    grid = _empty(columns, rows)
    ends: dict[int, str] = {}
    for reference in references:
        row = _row(reference.value, bounds, rows)
        grid[row] = [(reference.letter, REFERENCE)] * columns
        while row in ends:
            row = row + 1 if row + 1 < rows else row - 1
        ends[row] = reference.words
    for (column, row), letter in _curve(steps, values, total_steps, bounds, (columns, rows), is_ascii):
        grid[row][column] = (letter, CURVE)
    axis = "|" if is_ascii else "│"
    lines = []
    for number, cells in enumerate(grid):
        line = Text(f"{labels.get(number, ''):>{margin - 1}}{axis}", style=FAINT)
        for letter, style in cells:
            line.append(letter, style)
        if number in ends:
            line.append(" " + ends[number], REFERENCE)
        lines.append(line)
    return [*lines, _steps_axis(margin, columns, f" {short(float(total_steps))} {unit}", is_ascii)]


def _empty(columns: int, rows: int) -> list[list[tuple[str, str]]]:
    return [[(" ", "")] * columns for _ in range(rows)]


def _row(value: float, bounds: Bounds, rows: int) -> int:
    return min(int(bounds.depth(value) * rows), rows - 1)


def _curve(
    steps: Floats,
    values: Floats,
    total_steps: int,
    bounds: Bounds,
    size: tuple[int, int],
    is_ascii: bool,
) -> list[tuple[tuple[int, int], str]]:
    """The letters of a curve, each with its column and row."""
    if not len(steps):
        return []
    across, down = (1, 1) if is_ascii else (2, 4)
    num_x, num_y = size[0] * across, size[1] * down
    end = max(total_steps, float(steps[-1]), 1.0)
    first, last = (int(each / end * (num_x - 1)) for each in (steps[0], steps[-1]))
    xs = np.arange(first, last + 1)
    ys = np.interp(xs / max(num_x - 1, 1) * end, steps, values)
    heights = [_row(float(y), bounds, num_y) for y in ys]
    cells: dict[tuple[int, int], int] = {}
    for i, x in enumerate(xs.tolist()):
        before = heights[max(i - 1, 0)]
        for y in range(min(before, heights[i]), max(before, heights[i]) + 1):
            if y != before or i == 0 or before == heights[i]:
                place = (x // across, y // down)
                cells[place] = cells.get(place, 0) | _DOTS[y % down][x % across]
    return [(place, "*" if is_ascii else chr(_BRAILLE + dots)) for place, dots in cells.items()]


def _steps_axis(margin: int, columns: int, words: str, is_ascii: bool) -> Text:
    corner, dash = ("+", "-") if is_ascii else ("└", "─")
    line = corner + dash * max(columns - len(words), 0)
    return Text(" " * (margin - 1) + line + words, style=FAINT)


def draw_bar(share: float, width: int, *, is_ascii: bool) -> str:
    """A bar that is filled by a share from 0 to 1."""
    full = round(min(max(share, 0.0), 1.0) * width)
    on, off = ("#", "-") if is_ascii else ("█", "░")
    return on * full + off * (width - full)


def only_ascii(text: str, replaced: Mapping[str, str]) -> str:
    """A text in ASCII; what is not, is replaced as said, or by a question mark."""
    for letter, other in replaced.items():
        text = text.replace(letter, other)
    return text.encode("ascii", "replace").decode()
