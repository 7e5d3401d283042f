"""Draws a lake; pygame is imported when the first picture is drawn."""

from __future__ import annotations

from collections.abc import Sequence

from csai_core.games import BACKGROUND, BLUE, DEEP_BLUE, ORANGE, TEXT, Canvas
from csai_envs.frozenlake.palette import DARK_ICE, HOLE, ICE


def draw(lake: Sequence[str], cell: int, resolution: tuple[int, int]) -> Canvas:
    """The lake, drawn."""
    height, width = len(lake), len(lake[0])
    canvas = Canvas(resolution, width, height, _verdict(lake, cell))
    for y, row in enumerate(lake):
        for x, letter in enumerate(row):
            canvas.rectangle(ICE if (x + y) % 2 else DARK_ICE, x, y, 1, 1)
            if letter == "H":
                canvas.disc(HOLE, x + 0.5, y + 0.5, 0.4)
                canvas.ring(BLUE, x + 0.5, y + 0.5, 0.42, 0.04)
            elif letter == "G":
                canvas.line(BACKGROUND, (x + 0.35, y + 0.15), (x + 0.35, y + 0.85), 0.06)
                canvas.polygon(ORANGE, [(x + 0.38, y + 0.15), (x + 0.85, y + 0.33), (x + 0.38, y + 0.5)])
    y, x = divmod(cell, width)
    with canvas.piece("walker"):
        canvas.disc(DEEP_BLUE, x + 0.5, y + 0.5, 0.3)
        for side in (-0.11, 0.11):
            canvas.disc(TEXT, x + 0.5 + side, y + 0.45, 0.07)
    if lake[y][x] == "G":
        canvas.mark_win(x + 0.5, y + 0.5, 0.44)
    elif lake[y][x] == "H":
        canvas.mark_loss(x + 0.5, y + 0.5, 0.44)
    return canvas


def render_text(lake: Sequence[str], cell: int) -> str:
    """The lake as text: the map's letters, and `@` for the walker."""
    signs = list("".join(lake))
    signs[cell] = "@"
    width = len(lake[0])
    rows = [" ".join(signs[y * width : (y + 1) * width]) for y in range(len(lake))]
    return "\n".join([*rows, _verdict(lake, cell)])


def _verdict(lake: Sequence[str], cell: int) -> str:
    return {"G": "Goal!", "H": "Fell in"}.get("".join(lake)[cell], "FrozenLake")
