"""Draws Flappy; pygame is imported when the first picture is drawn."""

from __future__ import annotations

from csai_core.games import BACKGROUND, BLUE, DARK_CELL, DEEP_BLUE, LOSS, ORANGE, TEXT, YELLOW, Canvas
from csai_envs.flappy.rules import BIRD_RADIUS, BIRD_X, GAP, PIPE_WIDTH, FlappyGame


def draw(game: FlappyGame, resolution: tuple[int, int]) -> Canvas:
    """The game, drawn."""
    canvas = Canvas(resolution, 1, 1, f"Score {game.score}")
    canvas.rectangle(DARK_CELL, 0, 0, 1, 1)
    for pipe in game.pipes:
        left, right = max(pipe.x, 0.0), min(pipe.x + PIPE_WIDTH, 1.0)
        if left < right:
            canvas.rectangle(DEEP_BLUE, left, 0, right - left, pipe.gap - GAP / 2)
            canvas.rectangle(DEEP_BLUE, left, pipe.gap + GAP / 2, right - left, 1 - pipe.gap - GAP / 2)
            rim = LOSS if pipe is game.touched_pipe else BLUE
            for edge in (pipe.gap - GAP / 2 - 0.03, pipe.gap + GAP / 2):
                canvas.rectangle(rim, left, edge, right - left, 0.03)
    canvas.disc(ORANGE, BIRD_X, game.y, BIRD_RADIUS)
    beak = [
        (BIRD_X + 0.028, game.y - 0.012),
        (BIRD_X + 0.06, game.y + 0.004),
        (BIRD_X + 0.028, game.y + 0.018),
    ]
    canvas.polygon(YELLOW, beak)
    canvas.disc(TEXT, BIRD_X + 0.012, game.y - 0.012, 0.011)
    canvas.disc(BACKGROUND, BIRD_X + 0.015, game.y - 0.012, 0.005)
    if game.has_crashed:
        canvas.mark_loss(BIRD_X, game.y, 0.07)
    return canvas


def render_text(game: FlappyGame, columns: int = 40, rows: int = 16) -> str:
    """The game as text: `#` pipe, `@` bird."""
    sky = [[" "] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            x, y = column / columns, (row + 0.5) / rows
            if any(p.x <= x < p.x + PIPE_WIDTH and abs(y - p.gap) > GAP / 2 for p in game.pipes):
                sky[row][column] = "#"
    sky[min(int(game.y * rows), rows - 1)][int(BIRD_X * columns)] = "@"
    return "\n".join([*("".join(row).rstrip() for row in sky), f"Score {game.score}"])
