"""The agent that searches a maze for its shortest way."""

from __future__ import annotations

from typing import Any

import gymnasium

from csai_core import Agent
from csai_core.errors import ConfigError
from csai_core.search import breadth_first
from csai_envs.maze.env import MazeEnv
from csai_envs.maze.rules import Cell, ahead


class BreadthFirstAgent(Agent):
    """Takes a shortest way to the goal.

    Args:
        env: the maze, which it looks at itself.
    """

    def __init__(self, env: MazeEnv) -> None:
        super().__init__()
        self._env = env

    def get_actions(self) -> list[int]:
        """The actions that no wall stops."""
        position = self._env.position
        return [a for a in range(4) if ahead(position, a, self._env.open_cells) != position]

    def get_next_action(self, state: Any) -> int:
        """The first move of a shortest way."""
        path = breadth_first(self._env.position, self._env.goal, self._neighbors)
        if path is None or len(path) < 2:
            return 0
        return next(a for a in range(4) if ahead(path[0], a, self._env.open_cells) == path[1])

    def update(self, state: Any, action: Any, next_state: Any, reward: float) -> None:
        """Learn nothing: it searches at every step."""

    def _neighbors(self, cell: Cell) -> list[Cell]:
        return [ahead(cell, action, self._env.open_cells) for action in range(4)]


def make_breadth_first_agent(env: gymnasium.Env[Any, Any]) -> BreadthFirstAgent:
    """The searching agent for a Maze environment.

    Raises:
        ConfigError: if it is another game.
    """
    if not isinstance(env.unwrapped, MazeEnv):
        raise ConfigError(
            f"The agent 'breadth_first' was given {type(env.unwrapped).__name__}; it plays CSAI/Maze-v0 only."
        )
    return BreadthFirstAgent(env.unwrapped)
