"""Draws SimpleGrid; pygame is imported when the first picture is drawn."""

from __future__ import annotations

from csai_core.games import BACKGROUND, BLUE, ORANGE, TEXT, Canvas
from csai_envs.gridworld import GridWorld


def draw(world: GridWorld, cell: int, resolution: tuple[int, int]) -> Canvas:
    """The world, drawn."""
    canvas = Canvas(resolution, world.width, world.height, _verdict(world, cell))
    canvas.checkerboard(world.width, world.height)
    goal_y, goal_x = divmod(world.ends.index(True), world.width)
    canvas.line(TEXT, (goal_x + 0.35, goal_y + 0.15), (goal_x + 0.35, goal_y + 0.85), 0.06)
    flag = [(goal_x + 0.38, goal_y + 0.15), (goal_x + 0.85, goal_y + 0.33), (goal_x + 0.38, goal_y + 0.5)]
    canvas.polygon(ORANGE, flag)
    y, x = divmod(cell, world.width)
    with canvas.piece("walker"):
        canvas.disc(BLUE, x + 0.5, y + 0.5, 0.32)
        for side in (-0.12, 0.12):
            canvas.disc(BACKGROUND, x + 0.5 + side, y + 0.45, 0.05)
    if world.ends[cell]:
        canvas.mark_win(x + 0.5, y + 0.5, 0.44)
    return canvas


def render_text(world: GridWorld, cell: int) -> str:
    """The world as text: `@` walker, `G` goal, `.` empty."""
    signs = ["G" if is_end else "." for is_end in world.ends]
    signs[cell] = "@"
    rows = [" ".join(signs[y * world.width : (y + 1) * world.width]) for y in range(world.height)]
    return "\n".join([*rows, _verdict(world, cell)])


def _verdict(world: GridWorld, cell: int) -> str:
    return "Goal!" if world.ends[cell] else "SimpleGrid"
