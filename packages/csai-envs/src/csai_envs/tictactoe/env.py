"""TicTacToe as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import (
    ActionAttribute,
    BoxType,
    DiscreteType,
    MultiDiscreteType,
    ObsAttribute,
)
from csai_core.arguments import check_bool
from csai_core.games import Canvas, KeyedShell, Target
from csai_core.plugins import installed
from csai_envs.tictactoe.opponents import cells_of
from csai_envs.tictactoe.rules import (
    EMPTY,
    FREE,
    OPPONENT,
    PLAYER,
    Board,
    is_over,
    put,
    winner,
)


class TicTacToeEnv(KeyedShell):
    """Get three in a row, against an opponent.

    ## Description
    The player and the opponent take turns; a step is the player's move and the opponent's answer. What it
    teaches: that others act too, and that not every action is allowed in every state.

    ## Action space
    `Discrete(9)`, an attribute named "actions": the cell to take, row by row. `info["action_mask"]`, an
    int8 array of shape (9,), has a 1 for each cell that is free; it fits `action_space.sample(mask)`.

    ## Observation space
    Two attributes: "board", `Box(0, 1, (2, 3, 3), uint8)`, planes for the player's and the opponent's
    cells; and "cells", `MultiDiscrete([3] * 9)`: 0 free, 1 the player's, 2 the opponent's.
    `gymnasium.make("CSAI/TicTacToe-v0")` observes "board".

    ## Rewards
    1 for a win, -1 for a loss, -1 for taking a cell that is not free, 0 otherwise;
    `info["reward_parts"]` calls them "win", "loss" and "illegal".

    ## Starting state
    An empty board, or one with the opponent's first move.

    ## Episode end
    Terminated by a win, a loss, a full board, or taking a cell that is not free.

    ## Information
    "score": 1 for a win, -1 for a loss, else 0. "action_mask": see above.

    Args:
        opponent: "random" takes any free cell, "perfect" never loses; `csai list opponents` names them all.
        player_starts: whether the player has the first move.
        **settings: those of `Shell`, among them `render_mode` and `attributes`.

    Raises:
        ConfigError: if `player_starts` is neither True nor False.
        UnknownNameError: if there is no such opponent.
    """

    environment_id = "CSAI/TicTacToe-v0"
    keys_to_action: ClassVar[Mapping[str, Any]] = {
        **{str(cell + 1): cell for cell in range(9)},
        **{key: cell for cell, key in enumerate("qweasdzxc")},
    }

    def __init__(self, opponent: str = "random", player_starts: bool = True, **settings: Any) -> None:
        defaults = {"target_fps": 4, "resolution": (400, 450), "environment_name": "TicTacToe"}
        super().__init__(**{**defaults, **settings})
        self.opponent = installed().find("opponents", opponent).full_name
        self.player_starts = check_bool("TicTacToe", "player_starts", player_starts)
        self.board: Board = EMPTY
        """The nine cells, row by row; writable."""
        self.was_illegal = False
        self.has_moved = False
        self.register_attribute(
            ObsAttribute("board", BoxType(0, 1, (2, 3, 3), np.uint8), self._planes, cached=False)
        )
        self.register_attribute(
            ObsAttribute("cells", MultiDiscreteType([3] * 9), lambda: self.board, cached=False)
        )
        self.register_attribute(ActionAttribute("actions", DiscreteType(9)))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Clear the board, and let the opponent begin if it does."""
        super().start_episode(options)
        self.board, self.was_illegal, self.has_moved = EMPTY, False, False
        if not self.player_starts:
            self._answer()

    def advance(self, action: Any, d_t: float) -> None:
        """Take a cell, and let the opponent answer."""
        self.has_moved = True
        self.was_illegal = self.board[action] != FREE
        if not self.was_illegal:
            self.board = put(self.board, action, PLAYER)
            if not is_over(self.board):
                self._answer()

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """1 for a win, -1 for a loss or a cell that was not free."""
        return sum(self._parts().values()), self.was_illegal or is_over(self.board)

    def get_info(self) -> dict[str, Any]:
        """The score, the action mask and, after a step, the parts of the reward."""
        mask = np.array([cell == FREE for cell in self.board], np.int8)
        info: dict[str, Any] = {"score": int(sum(self._parts().values())), "action_mask": mask}
        return {**info, "reward_parts": self._parts()} if self.has_moved else info

    def has_won(self) -> bool | None:
        """True for a win, false for a loss or a cell that was not free, None for a draw."""
        won, lost = winner(self.board) == PLAYER, winner(self.board) == OPPONENT or self.was_illegal
        return won if won or lost else None

    def target_at(self, x: float, y: float) -> Target | None:
        """The free cell that is pointed at."""
        from csai_envs.tictactoe.rendering import target_at

        return None if self.is_episode_over else target_at(self.board, self.resolution, x, y)

    def draw(self) -> Canvas:
        """The board as a picture."""
        from csai_envs.tictactoe.rendering import draw

        refused = int(self["actions"].data) if self.was_illegal else None
        return draw(self.board, self.resolution, refused)

    def render_text(self) -> str:
        """The board as text: X the player, O the opponent."""
        from csai_envs.tictactoe.rendering import render_text

        return render_text(self.board)

    def _answer(self) -> None:
        choices = cells_of(self.opponent, self.board)
        self.board = put(self.board, choices[self.keyed_random.draw(len(choices))], OPPONENT)

    def _parts(self) -> dict[str, float]:
        won = winner(self.board)
        return {
            "win": float(won == PLAYER),
            "loss": -float(won == OPPONENT),
            "illegal": -float(self.was_illegal),
        }

    def _planes(self) -> NDArray[np.uint8]:
        cells = np.array(self.board).reshape(3, 3)
        return np.stack([cells == PLAYER, cells == OPPONENT]).astype(np.uint8)
