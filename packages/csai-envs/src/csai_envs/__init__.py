"""csai-envs: teaching games for Gymnasium.

Importing it registers the games, so that `gymnasium.make("CSAI/Snake-v0")` works from then on. It
imports neither pygame nor torch; a game's own code is imported when the first one is made.
"""

from __future__ import annotations

from typing import Any

from csai_core.environments import register_specs
from csai_envs.hooks import ENVIRONMENTS

__version__ = "0.1.0"

_HOME = {
    "CartPoleEnv": "csai_envs.cartpole.env",
    "CatchEnv": "csai_envs.catch.env",
    "FlappyEnv": "csai_envs.flappy.env",
    "FrozenLakeEnv": "csai_envs.frozenlake.env",
    "MazeEnv": "csai_envs.maze.env",
    "SimpleGridEnv": "csai_envs.simplegrid.env",
    "SnakeEnv": "csai_envs.snake.env",
    "TicTacToeEnv": "csai_envs.tictactoe.env",
}
__all__ = list(_HOME)

register_specs(ENVIRONMENTS)


def __getattr__(name: str) -> Any:
    """Import a game's class when it is asked for."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    return getattr(importlib.import_module(_HOME[name]), name)
