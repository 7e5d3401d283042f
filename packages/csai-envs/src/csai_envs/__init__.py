"""csai-envs: teaching games for Gymnasium.

Importing it registers the games, so that `gymnasium.make("CSAI/Snake-v0")` works from then on. It
imports neither pygame nor torch; a game's own code is imported when the first one is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core import register_specs
from csai_core.lazy import lazy_names
from csai_envs.hooks import ENVIRONMENTS

if TYPE_CHECKING:
    from csai_envs.cartpole.env import CartPoleEnv
    from csai_envs.catch.env import CatchEnv
    from csai_envs.flappy.env import FlappyEnv
    from csai_envs.frozenlake.env import FrozenLakeEnv
    from csai_envs.maze.env import MazeEnv
    from csai_envs.simplegrid.env import SimpleGridEnv
    from csai_envs.snake.env import SnakeEnv
    from csai_envs.tictactoe.env import TicTacToeEnv

__version__ = "0.1.0"

__all__ = [
    "CartPoleEnv",
    "CatchEnv",
    "FlappyEnv",
    "FrozenLakeEnv",
    "MazeEnv",
    "SimpleGridEnv",
    "SnakeEnv",
    "TicTacToeEnv",
]

register_specs(ENVIRONMENTS)

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "CartPoleEnv": "cartpole.env",
        "CatchEnv": "catch.env",
        "FlappyEnv": "flappy.env",
        "FrozenLakeEnv": "frozenlake.env",
        "MazeEnv": "maze.env",
        "SimpleGridEnv": "simplegrid.env",
        "SnakeEnv": "snake.env",
        "TicTacToeEnv": "tictactoe.env",
    },
)
