"""Who TicTacToe is played against: functions from a board to the cells among which the opponent chooses.

They are found by name through the hook `csai_opponents`, so that a plugin can offer more of them. A function
sees the board as `rules` has it, with the opponent to move, and gives the same cells for the same board; the
game draws one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from csai_core.errors import ContractError
from csai_core.plugins import installed
from csai_envs.tictactoe.rules import OPPONENT, Board, best_cells, free_cells


def random_cells(board: Board) -> list[int]:
    """Any free cell."""
    return free_cells(board)


def perfect_cells(board: Board) -> list[int]:
    """The cells after which the opponent cannot lose, and wins where it can."""
    return best_cells(board, OPPONENT)


def cells_of(opponent: str, board: Board) -> Sequence[int]:
    """The cells among which an opponent chooses.

    Raises:
        UnknownNameError: if there is no such opponent, with the nearest name.
        ContractError: if it gives none, or one that is taken.
    """
    entry = installed().find("opponents", opponent)
    cells: Sequence[int] = entry.load()(board)
    if not cells or not set(cells) <= set(free_cells(board)):
        raise ContractError(
            f"The opponent {opponent!r} of plugin {entry.plugin!r} chooses among {cells!r} on the board "
            f"{board}; it must give a list of at least one cell, and only such as are free (0)."
        )
    return cells
