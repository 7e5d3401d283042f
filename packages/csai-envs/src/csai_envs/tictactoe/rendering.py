"""Draws TicTacToe; pygame is imported when the first picture is drawn."""

from __future__ import annotations

import math

from csai_core.games import BACKGROUND, BLUE, LOSS, ORANGE, WALL, WIN, Canvas, Color, Target
from csai_envs.tictactoe.rules import FREE, OPPONENT, PLAYER, Board, is_over, winner, won_line


def draw(board: Board, resolution: tuple[int, int], refused: int | None = None) -> Canvas:
    """The board, drawn.

    Args:
        board: the nine cells.
        resolution: (width, height) of the picture, in pixels.
        refused: a cell that the player took although it was not free.
    """
    canvas = Canvas(resolution, 3, 3, "Taken!" if refused is not None else _verdict(board))
    for each in (1, 2):
        canvas.line(WALL, (each, 0.08), (each, 2.92), 0.03)
        canvas.line(WALL, (0.08, each), (2.92, each), 0.03)
    for cell, mark in enumerate(board):
        y, x = divmod(cell, 3)
        if mark == PLAYER:
            canvas.line(BLUE, (x + 0.25, y + 0.25), (x + 0.75, y + 0.75), 0.1)
            canvas.line(BLUE, (x + 0.25, y + 0.75), (x + 0.75, y + 0.25), 0.1)
        elif mark == OPPONENT:
            canvas.ring(ORANGE, x + 0.5, y + 0.5, 0.31, 0.1)
    if refused is not None:
        y, x = divmod(refused, 3)
        canvas.mark_loss(x + 0.5, y + 0.5, 0.6)
    elif line := won_line(board):
        _strike(canvas, line, WIN if winner(board) == PLAYER else LOSS)
    return canvas


def target_at(board: Board, resolution: tuple[int, int], x: float, y: float) -> Target | None:
    """The free cell at a pixel of the picture."""
    canvas = Canvas(resolution, 3, 3, "")
    column, row = (math.floor(each) for each in canvas.cell_at(x, y))
    if not (0 <= column < 3 and 0 <= row < 3 and board[3 * row + column] == FREE):
        return None
    return Target(3 * row + column, canvas.area(column, row))


def _strike(canvas: Canvas, line: tuple[int, int, int], color: Color) -> None:
    """Strike through three cells, and a little farther."""
    (y0, x0), (y1, x1) = divmod(line[0], 3), divmod(line[2], 3)
    start = x0 + 0.5 - 0.19 * (x1 - x0), y0 + 0.5 - 0.19 * (y1 - y0)
    end = x1 + 0.5 + 0.19 * (x1 - x0), y1 + 0.5 + 0.19 * (y1 - y0)
    canvas.line(BACKGROUND, start, end, 0.14)
    canvas.line(color, start, end, 0.07)


def render_text(board: Board) -> str:
    """The board as text: X the player, O the opponent, `.` free."""
    signs = [".XO"[mark] for mark in board]
    return "\n".join([*(" ".join(signs[row : row + 3]) for row in (0, 3, 6)), _verdict(board)])


def _verdict(board: Board) -> str:
    if not is_over(board):
        return "You are X"
    return {FREE: "A draw", PLAYER: "You win", OPPONENT: "You lose"}[winner(board)]
