"""Opponents of TicTacToe: faults that authors make, and sound ones."""

from __future__ import annotations

import random

from csai_envs.testing import OpponentSuite
from csai_envs.tictactoe.rules import OPPONENT, PLAYER, free_cells, put, winner
from planted.specimens import planted, sound

CORNERS = (0, 2, 6, 8)


@planted("gives 0, which is not free")
class FirstCell(OpponentSuite):
    """Takes the first cell, free or not."""

    def make(self):
        return lambda board: [0]


@planted("gives no cell")
class CornersOnly(OpponentSuite):
    """Has no answer where all corners are taken."""

    def make(self):
        return lambda board: [cell for cell in CORNERS if not board[cell]]


@planted("Give all cells that are as good; the game draws one")
class OwnChance(OpponentSuite):
    """Draws the cell itself, from a generator that no seed reaches."""

    def make(self):
        generator = random.Random(1)
        return lambda board: [generator.choice(free_cells(board))]


@planted("give a list of cells")
class BareCell(OpponentSuite):
    """Gives a cell, and no list of cells."""

    def make(self):
        return lambda board: free_cells(board)[0]


@planted("give a list of cells")
class Mask(OpponentSuite):
    """Gives a mask of nine truths in a tuple of texts."""

    def make(self):
        return lambda board: tuple("X" if cell == 0 else "" for cell in board)


@planted("It cannot be called with the board alone")
class WantsSymbol(OpponentSuite):
    """Wants to know whose turn it is, which is the opponent's always."""

    def make(self):
        return lambda board, symbol: free_cells(board)


@planted("gives -1, which is not free")
class FromTheEnd(OpponentSuite):
    """Counts cells from the end."""

    def make(self):
        return lambda board: [-1]


@planted("drew from the global generator of Python")
class Shuffled(OpponentSuite):
    """Shuffles with the global generator, and sorts again."""

    def make(self):
        return lambda board: sorted(random.sample(free_cells(board), len(free_cells(board))))


@planted("printed")
class Talkative(OpponentSuite):
    """Comments on every board."""

    def make(self):
        def choose(board):
            print("Hm.")
            return free_cells(board)

        return choose


@sound
class Greedy(OpponentSuite):
    """Wins where it can, blocks where it must, and takes any cell else."""

    def make(self):
        def choose(board):
            for who in (OPPONENT, PLAYER):
                found = [cell for cell in free_cells(board) if winner(put(board, cell, who)) == who]
                if found:
                    return found
            return free_cells(board)

        return choose


@sound
class LikesCorners(OpponentSuite):
    """Takes a corner where one is free; gives tuples."""

    def make(self):
        return lambda board: tuple(cell for cell in CORNERS if not board[cell]) or tuple(free_cells(board))
