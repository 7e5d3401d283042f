"""What several overlays draw alike: cells, the player's place, numbers that fit, the scale."""

from __future__ import annotations

from collections.abc import Iterable

from csai_core.games.shapes import Grid, Shape
from csai_core.overlays.cells import Cell
from csai_core.overlays.color_scale import ink_on
from csai_core.palette import BACKGROUND, TEXT, WALL, Color
from csai_core.thoughts.scale import signed

WASH, THIN_WASH = 0.9, 0.45
"""How little is seen through a cell that is filled; the thin one is for the cell where the player is."""
_LETTER = 0.58
"""The width of a letter, in its heights."""
_SMALLEST, _EASY = 6.5, 10.0
"""Heights of letters in pixels: below the one nothing is written, from the other on they are read easily."""


def hatched(cells: Iterable[Cell]) -> list[Shape]:
    """Cells on which there is no opinion."""
    shapes = []
    for row, column in cells:
        shapes += [
            Shape("rectangle", BACKGROUND, (column, row, 1, 1), opacity=0.25),
            Shape("hatch", WALL, (column, row, 1, 1, 0.2), opacity=0.9),
        ]
    return shapes


def filled(cell: Cell, color: Color, *, is_players: bool) -> Shape:
    """A cell in a color; the player is seen through it."""
    row, column = cell
    return Shape("rectangle", color, (column, row, 1, 1), opacity=THIN_WASH if is_players else WASH)


def player(cell: Cell) -> list[Shape]:
    """A frame around the cell where the player is."""
    row, column = cell
    return [
        Shape("frame", BACKGROUND, (column - 0.03, row - 0.03, 1.06, 1.06, 0.1)),
        Shape("frame", TEXT, (column, row, 1, 1, 0.04)),
    ]


def number(
    value: float, place: tuple[float, float], room: float, height: float, grid: Grid, color: Color | None
) -> list[Shape]:
    """A number around a place, with as many decimals as can be read; nothing where there is no room for it.

    Args:
        value: what is written, with its sign.
        place: (x, y) of its middle, in cells.
        room: how wide it may be, in widths of a cell.
        height: how high it may be, in sides of a cell.
        grid: where the board lies on the picture.
        color: what it stands on; None where that is not known, as where the player is.
    """
    most = height * grid.side
    tried = []
    for decimals in range(3, -1 if abs(value) >= 10 else 0, -1):
        text = signed(value, decimals=decimals)
        pixels = min(most, room * grid.width / (_LETTER * len(text)))
        tried.append((pixels, text))
        if pixels >= (1.3 * _EASY if decimals == 3 else _EASY):
            break
    else:
        tried.sort(key=lambda each: each[0])
    pixels, text = tried[-1]
    if pixels < _SMALLEST:
        return []
    numbers = (*place, pixels / grid.side)
    if color is None:
        return [Shape("label", TEXT, numbers, text=text)]
    return [Shape("text", ink_on(color), numbers, text=text)]


def written(text: str, x: float, y: float, height: float, grid: Grid, color: Color = TEXT) -> Shape:
    """A text around a pixel.

    Args:
        text: what is written.
        x: of its middle, in pixels.
        y: of its middle, in pixels.
        height: in pixels.
        grid: where the board lies on the picture.
        color: of the ink.
    """
    place = (x - grid.left) / grid.width, (y - grid.top) / grid.height
    return Shape("text", color, (*place, height / grid.side), text=text)


def box(
    color: Color, left: float, top: float, width: float, height: float, grid: Grid, opacity: float = 1.0
) -> Shape:
    """A rectangle that is given in pixels."""
    x, y = (left - grid.left) / grid.width, (top - grid.top) / grid.height
    return Shape("rectangle", color, (x, y, width / grid.width, height / grid.height), opacity=opacity)
