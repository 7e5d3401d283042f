"""The rules of Maze, and how mazes are made.

A maze is a set of open cells (y, x); rooms lie at odd coordinates, and what is between two rooms is either
a wall or a passage.
"""

from __future__ import annotations

from collections.abc import Callable

from csai_core.arguments import check_int

Cell = tuple[int, int]
UP, RIGHT, DOWN, LEFT = range(4)
"""The actions."""
STEPS = ((-1, 0), (0, 1), (1, 0), (0, -1))
"""For each action, the step (down, right) it means."""
MIN_ROOMS, MAX_ROOMS = 2, 50


def check_rooms(rooms: int) -> None:
    """Refuse sizes that make no maze.

    Raises:
        ConfigError: saying the range.
    """
    check_int("Maze", "rooms", rooms, MIN_ROOMS, MAX_ROOMS)


def make_maze(rooms: int, draw: Callable[[int], int]) -> set[Cell]:
    """The open cells of a maze of `rooms * rooms` rooms with one way between any two of them.

    A walker digs from room to room at random, and goes back where every neighbor is open already
    (depth-first search with backtracking).

    Args:
        rooms: rooms along a side.
        draw: gives a random integer from 0 to n - 1.
    """
    path = [(1, 1)]
    open_cells = {(1, 1)}
    while path:
        y, x = path[-1]
        closed = [
            (down, right)
            for down, right in STEPS
            if 0 < y + 2 * down < 2 * rooms
            and 0 < x + 2 * right < 2 * rooms
            and (y + 2 * down, x + 2 * right) not in open_cells
        ]
        if not closed:
            path.pop()
            continue
        down, right = closed[draw(len(closed))]
        open_cells |= {(y + down, x + right), (y + 2 * down, x + 2 * right)}
        path.append((y + 2 * down, x + 2 * right))
    return open_cells


def ahead(cell: Cell, action: int, open_cells: set[Cell]) -> Cell:
    """The cell that an action leads to; walls leave the walker where it is."""
    reached = (cell[0] + STEPS[action][0], cell[1] + STEPS[action][1])
    return reached if reached in open_cells else cell
