"""Conformance suites for what plugins add to the games; `csai check` and pytest run them.

In a test file of your own:

    from csai_envs.testing import OpponentSuite

    class TestGreedy(OpponentSuite):
        entry_name = "greedy"
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from numbers import Integral
from typing import Any

from csai_core.plugins import installed
from csai_core.testing import Suite, fail, generators_left_alone, nothing_printed
from csai_envs.tictactoe.rules import EMPTY, OPPONENT, PLAYER, Board, free_cells, is_over, put


class OpponentSuite(Suite):
    """Checks one opponent of TicTacToe on every board on which it can be asked."""

    def make(self) -> Callable[[Board], Sequence[int]]:
        """The function from a board to cells; write this in a subclass, or name an entry."""
        if not self.entry_name:
            super().make()
        found: Callable[[Board], Sequence[int]] = installed().find("opponents", self.entry_name).load()
        return found

    def test_it_can_be_made(self) -> None:
        """It is a function of the board alone."""
        choose: Any = self.make()
        if not callable(choose):
            fail(f"It is a {type(choose).__name__}; make it a function of the board.")
        try:
            choose(EMPTY)
        except TypeError as error:
            fail(f"It cannot be called with the board alone, a tuple of nine cells: {error}.")

    def test_it_chooses_among_free_cells(self) -> None:
        """On every board it gives one or more cells, all of them free."""
        choose = self.make()
        for board in boards():
            cells = choose(board)
            if not isinstance(cells, (list, tuple)) or not all(isinstance(cell, Integral) for cell in cells):
                fail(f"On the board {board} it gives {cells!r}; give a list of cells, numbered from 0 to 8.")
            if not cells:
                fail(f"On the board {board} it gives no cell; give at least one that is free (0).")
            if wrong := [cell for cell in cells if cell not in free_cells(board)]:
                fail(
                    f"On the board {board} it gives {wrong[0]}, which is not free; give free cells (0) only."
                )

    def test_it_gives_the_same_for_the_same_board(self) -> None:
        """What it gives follows from the board; chance is the game's part, so that a seed decides it."""
        choose = self.make()
        for board in boards():
            first, second = list(choose(board)), list(choose(board))
            if first != second:
                fail(
                    f"On the board {board} it gives {first}, then {second}. Give all cells that are as good; "
                    "the game draws one of them."
                )

    def test_it_does_nothing_else(self) -> None:
        """It prints nothing, and leaves global generators alone."""
        choose = self.make()
        with nothing_printed("It"), generators_left_alone("It"):
            for board in boards():
                choose(board)


@functools.cache
def boards() -> tuple[Board, ...]:
    """Every board on which the opponent is to move, whoever began."""
    found = {*_after(EMPTY, OPPONENT), *_after(EMPTY, PLAYER)}
    return tuple(sorted(found))


def _after(board: Board, who: int) -> Iterator[Board]:
    """The boards on which the opponent is to move, from one on."""
    if is_over(board):
        return
    if who == OPPONENT:
        yield board
    for cell in free_cells(board):
        yield from _after(put(board, cell, who), PLAYER + OPPONENT - who)
