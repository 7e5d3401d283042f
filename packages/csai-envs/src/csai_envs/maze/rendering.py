"""Draws a maze; pygame is imported when the first picture is drawn."""

from __future__ import annotations

from csai_core.games import BACKGROUND, BLUE, DARK_CELL, ORANGE, TEXT, WALL, Canvas
from csai_envs.maze.rules import Cell


def draw(open_cells: set[Cell], size: int, position: Cell, goal: Cell, resolution: tuple[int, int]) -> Canvas:
    """The maze, drawn."""
    canvas = Canvas(resolution, size, size, _verdict(position, goal))
    canvas.rectangle(WALL, 0, 0, size, size)
    for y, x in open_cells:
        canvas.rectangle(DARK_CELL, x, y, 1, 1)
    y, x = goal
    canvas.line(TEXT, (x + 0.3, y + 0.12), (x + 0.3, y + 0.88), 0.08)
    canvas.polygon(ORANGE, [(x + 0.34, y + 0.1), (x + 0.9, y + 0.32), (x + 0.34, y + 0.55)])
    y, x = position
    with canvas.piece("walker"):
        canvas.disc(BLUE, x + 0.5, y + 0.5, 0.4)
        for side in (-0.14, 0.14):
            canvas.disc(BACKGROUND, x + 0.5 + side, y + 0.44, 0.07)
    if position == goal:
        canvas.mark_win(x + 0.5, y + 0.5, 0.7)
    return canvas


def render_text(open_cells: set[Cell], size: int, position: Cell, goal: Cell) -> str:
    """The maze as text: `#` wall, `@` walker, `G` goal."""
    signs = [[" " if (y, x) in open_cells else "#" for x in range(size)] for y in range(size)]
    signs[goal[0]][goal[1]] = "G"
    signs[position[0]][position[1]] = "@"
    return "\n".join([*("".join(row) for row in signs), _verdict(position, goal)])


def _verdict(position: Cell, goal: Cell) -> str:
    return "Out!" if position == goal else "Maze"
