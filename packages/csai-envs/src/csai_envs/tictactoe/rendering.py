"""Draws TicTacToe; pygame is imported when the first picture is drawn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from csai_core.games import BLUE, ORANGE, WALL, Canvas
from csai_envs.tictactoe.rules import FREE, OPPONENT, PLAYER, Board, is_over, winner


def render_frame(board: Board, resolution: tuple[int, int]) -> NDArray[np.uint8]:
    """The board as a picture of shape (resolution[1], resolution[0], 3)."""
    canvas = Canvas(resolution, 3, 3, _verdict(board))
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
    return canvas.finish()


def render_text(board: Board) -> str:
    """The board as text: X the player, O the opponent, `.` free."""
    signs = [".XO"[mark] for mark in board]
    return "\n".join([*(" ".join(signs[row : row + 3]) for row in (0, 3, 6)), _verdict(board)])


def _verdict(board: Board) -> str:
    if not is_over(board):
        return "You are X"
    return {FREE: "A draw", PLAYER: "You win", OPPONENT: "You lose"}[winner(board)]
