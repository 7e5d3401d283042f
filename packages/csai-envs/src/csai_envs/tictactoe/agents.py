"""The perfect player of TicTacToe, to compare others with."""

from __future__ import annotations

from typing import Any

import gymnasium

from csai_core import Agent
from csai_core.errors import ConfigError
from csai_envs.tictactoe.env import TicTacToeEnv
from csai_envs.tictactoe.rules import PLAYER, best_cells, free_cells


class MinimaxAgent(Agent):
    """Never loses: it looks at every way the game can go on, and takes the first of the best cells.

    Args:
        env: the game, whose board it looks at.
    """

    def __init__(self, env: TicTacToeEnv) -> None:
        super().__init__()
        self._env = env

    def get_actions(self) -> list[int]:
        """The free cells."""
        return free_cells(self._env.board)

    def get_next_action(self, state: Any) -> int:
        """The first of the best cells."""
        return best_cells(self._env.board, PLAYER)[0]

    def update(self, state: Any, action: Any, next_state: Any, reward: float) -> None:
        """Learn nothing: there is nothing left to learn."""


def make_minimax_agent(env: gymnasium.Env[Any, Any]) -> MinimaxAgent:
    """The perfect player for a TicTacToe environment.

    Raises:
        ConfigError: if it is another game.
    """
    if not isinstance(env.unwrapped, TicTacToeEnv):
        raise ConfigError(
            f"The agent 'minimax' was given {type(env.unwrapped).__name__}; it plays CSAI/TicTacToe-v0 only."
        )
    return MinimaxAgent(env.unwrapped)
