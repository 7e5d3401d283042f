"""The board of Snake: which cells lie side by side, where games start, and how a board is kept in memory.

It has `width * height` cells, numbered row by row from the top left corner: the cell in row y and column x
is `y * width + x`. One cell more, the wall, stands for everything outside.

What lies where is kept in a row of numbers of the player's choice (`Layout`), so that an observation can be
the very board that a game is played on.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from csai_core.arguments import check_int

MIN_SIDE, MAX_SIDE = 2, 256
EMPTY, BODY, HEAD, APPLE = 0, 1, 2, 3
"""What lies in a cell."""
NOWHERE = -1
"""Where the apple is when no cell is left for it."""


class Action(IntEnum):
    """What the player may do. The first four are also the four headings."""

    LEFT = 0
    RIGHT = 1
    UP = 2
    DOWN = 3
    NOACTION = 4


def check_size(width: int, height: int, start_length: int) -> None:
    """Refuse boards and snakes that make no game.

    Raises:
        ConfigError: saying which value is off and what its range is.
    """
    for name, side in (("width", width), ("height", height)):
        check_int("Snake", name, side, MIN_SIDE, MAX_SIDE)
    check_int(f"Snake on a board of {width} x {height}", "start_length", start_length, 1, max(width, height))


class Layout(NamedTuple):
    """How a board is kept in a row of numbers: where each kind of thing is marked, and by which number.

    Heads are marked in the places from 0 on, bodies and apples so many places further on. Empty cells hold
    zeros. The last place of all is marked as body for good: it is what lies in `wall`.
    """

    bodies: int
    apples: int
    marks: tuple[float, float, float]
    """Of a body, a head and an apple."""

    def size(self, num_cells: int) -> int:
        """How many numbers it takes."""
        return self.apples + num_cells + 1


def one_plane(scale: float = 1) -> Layout:
    """A number in each cell says what lies there: BODY, HEAD or APPLE, times a scale."""
    return Layout(0, 0, (BODY * scale, HEAD * scale, APPLE * scale))


def three_planes(num_cells: int) -> Layout:
    """First a plane of 0 and 1 for the head, then one for the body, then one for the apple."""
    return Layout(num_cells, 2 * num_cells, (1, 1, 1))


def next_cells(width: int, height: int, wall: int) -> list[list[int]]:
    """The table heading -> cell -> the cell ahead, which is `wall` outside the board."""
    ahead: list[list[int]] = [[], [], [], []]
    for y in range(height):
        for x in range(width):
            cell = y * width + x
            ahead[Action.LEFT].append(cell - 1 if x > 0 else wall)
            ahead[Action.RIGHT].append(cell + 1 if x < width - 1 else wall)
            ahead[Action.UP].append(cell - width if y > 0 else wall)
            ahead[Action.DOWN].append(cell + width if y < height - 1 else wall)
    return ahead


def start_places(width: int, height: int, start_length: int) -> list[tuple[list[int], int]]:
    """Every way a game may start, as (body from tail to head, heading).

    The snake lies straight along the board's longer side (along a row, on a square board) and looks
    toward the farther wall; when both are equally far, to the right or down.
    """
    is_wide = width >= height
    longer, shorter = max(width, height), min(width, height)
    back, forth = (Action.LEFT, Action.RIGHT) if is_wide else (Action.UP, Action.DOWN)
    places = []
    for across in range(shorter):
        for first in range(longer - start_length + 1):
            line = range(first, first + start_length)
            body = [across * width + along if is_wide else along * width + across for along in line]
            looks_forth = longer - start_length - first >= first
            places.append((body if looks_forth else body[::-1], int(forth if looks_forth else back)))
    return places
