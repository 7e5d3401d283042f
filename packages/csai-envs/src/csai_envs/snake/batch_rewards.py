"""The rewards of `rewards.py`, for many games at once."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_core.games import Floats
from csai_envs.snake import rewards

Numbers = NDArray[np.intp]


class Moves(NamedTuple):
    """What a step came to in every game; all but `eaters` and `dead` of shape (num_envs,)."""

    ate: NDArray[np.bool_]
    crashed: NDArray[np.bool_]
    eaters: Numbers
    """The numbers of the games that ate."""
    dead: Numbers
    """The numbers of the games that crashed."""
    score: Numbers
    """Before the step."""
    before: Numbers
    """Where the heads were, as cells of their boards."""
    after: Numbers
    """Where they are now."""
    apple: Numbers
    """Where the apples were."""


class BatchedRewards:
    """Judges moves by a preset.

    Args:
        preset: "classic", "sparse" or "shaped".
        width: of the boards, in cells.
        num_cells: of each board.
        keeps_parts: whether the parts of the rewards are wanted too.
    """

    def __init__(self, preset: str, width: int, num_cells: int, keeps_parts: bool) -> None:
        self._width = width
        self._keeps_parts = keeps_parts
        self.parts: dict[str, Floats] = {}
        """The named parts of the last rewards, if wanted."""
        self.judge = {"classic": self._classic, "sparse": self._sparse, "shaped": self._shaped}[preset]
        """Moves -> rewards, a new array."""
        moved = rewards.CLASSIC_STEP + rewards.CLASSIC_LENGTH * np.arange(num_cells)
        self._classic_moved = moved
        """In "classic", the reward of a plain move by the score before it."""
        self._classic_ate = moved + rewards.CLASSIC_APPLE
        self._classic_ate[0] = moved[0] + rewards.CLASSIC_FIRST_APPLE

    def _classic(self, moves: Moves) -> Floats:
        score, ate = moves.score, moves.ate
        total: Floats = self._classic_moved.take(score, mode="clip")
        total[moves.eaters] = self._classic_ate[score[moves.eaters]]
        total[moves.dead] = rewards.CLASSIC_CRASH
        if self._keeps_parts:
            alive = ~moves.crashed
            self.parts = {
                "step": rewards.CLASSIC_STEP * alive,
                "length": rewards.CLASSIC_LENGTH * score * alive,
                "apple": np.where(score == 0, rewards.CLASSIC_FIRST_APPLE, rewards.CLASSIC_APPLE) * ate,
                "crash": moves.crashed * rewards.CLASSIC_CRASH,
            }
        return total

    def _sparse(self, moves: Moves) -> Floats:
        apple, crash = moves.ate * rewards.APPLE, moves.crashed * rewards.CRASH
        if self._keeps_parts:
            self.parts = {"apple": apple, "crash": crash}
        total: Floats = apple + crash
        return total

    def _shaped(self, moves: Moves) -> Floats:
        apple, crash = moves.ate * rewards.APPLE, moves.crashed * rewards.CRASH
        nearer = self._distance(moves.before, moves.apple) - self._distance(moves.after, moves.apple)
        hint = rewards.NEARER * nearer * ~moves.crashed
        if self._keeps_parts:
            self.parts = {"nearer": hint, "apple": apple, "crash": crash}
        total: Floats = hint + apple + crash
        return total

    def _distance(self, cell: Numbers, apple: Numbers) -> Numbers:
        """Steps from cells to apples, along rows and columns."""
        (y, x), (apple_y, apple_x) = np.divmod(cell, self._width), np.divmod(apple, self._width)
        return abs(y - apple_y) + abs(x - apple_x)
