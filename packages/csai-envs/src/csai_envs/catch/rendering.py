"""Draws a game of Catch; pygame is imported when the first picture is drawn."""

from __future__ import annotations

from csai_core.games import BLUE, ORANGE, PALE_ORANGE, Canvas
from csai_envs.catch.rules import CatchGame


def draw(game: CatchGame, resolution: tuple[int, int]) -> Canvas:
    """The game, drawn."""
    canvas = Canvas(resolution, game.width, game.height, _verdict(game))
    canvas.checkerboard(game.width, game.height)
    bottom = game.height - 0.25
    with canvas.piece("paddle"):
        canvas.line(BLUE, (game.paddle + 0.2, bottom), (game.paddle + 0.8, bottom), 0.26)
    with canvas.piece("ball"):
        canvas.disc(ORANGE, game.ball_x + 0.5, game.ball_y + 0.42, 0.32)
        canvas.disc(PALE_ORANGE, game.ball_x + 0.4, game.ball_y + 0.32, 0.08)
    if game.is_caught:
        canvas.mark_win(game.ball_x + 0.5, game.ball_y + 0.5, 0.42)
    elif game.is_over:
        canvas.mark_loss(game.ball_x + 0.5, game.ball_y + 0.42, 0.42)
    return canvas


def render_text(game: CatchGame) -> str:
    """The game as text: `*` ball, `=` paddle, `.` empty."""
    rows = [["."] * game.width for _ in range(game.height)]
    rows[-1][game.paddle] = "="
    rows[game.ball_y][game.ball_x] = "*"
    return "\n".join([*(" ".join(row) for row in rows), _verdict(game)])


def _verdict(game: CatchGame) -> str:
    if not game.is_over:
        return "Catch"
    return "Caught!" if game.is_caught else "Missed"
