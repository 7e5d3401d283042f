"""The rules of TicTacToe, and perfect play.

A board is a tuple of nine cells, row by row: 0 free, 1 the player, 2 the opponent.
"""

from __future__ import annotations

from functools import cache

Board = tuple[int, ...]
FREE, PLAYER, OPPONENT = range(3)
EMPTY: Board = (FREE,) * 9
LINES = (
    *((0, 1, 2), (3, 4, 5), (6, 7, 8)),
    *((0, 3, 6), (1, 4, 7), (2, 5, 8)),
    *((0, 4, 8), (2, 4, 6)),
)


def free_cells(board: Board) -> list[int]:
    """The cells that nobody has taken."""
    return [cell for cell, mark in enumerate(board) if mark == FREE]


def put(board: Board, cell: int, who: int) -> Board:
    """The board after somebody has taken a cell."""
    return (*board[:cell], who, *board[cell + 1 :])


def winner(board: Board) -> int:
    """Who has three in a row; FREE if nobody."""
    line = won_line(board)
    return FREE if line is None else board[line[0]]


def won_line(board: Board) -> tuple[int, int, int] | None:
    """The three cells in a row that somebody has, if there are any."""
    for a, b, c in LINES:
        if board[a] != FREE and board[a] == board[b] == board[c]:
            return a, b, c
    return None


def is_over(board: Board) -> bool:
    """Whether somebody has won or no cell is free."""
    return winner(board) != FREE or FREE not in board


@cache
def value(board: Board, who: int) -> int:
    """What a board is worth to whoever moves next, if both play perfectly: 1 won, 0 drawn, -1 lost."""
    if is_over(board):
        return 0 if winner(board) == FREE else (1 if winner(board) == who else -1)
    other = PLAYER + OPPONENT - who
    return max(-value(put(board, cell, who), other) for cell in free_cells(board))


def best_cells(board: Board, who: int) -> list[int]:
    """The cells that a perfect player may take."""
    other = PLAYER + OPPONENT - who
    worth = {cell: -value(put(board, cell, who), other) for cell in free_cells(board)}
    return [cell for cell, each in worth.items() if each == max(worth.values())]
