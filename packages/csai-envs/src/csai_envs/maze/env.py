"""Maze as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import ActionAttribute, BoxType, DiscreteType, MultiDiscreteType, ObsAttribute
from csai_core.arguments import check_int
from csai_core.games import Canvas, KeyedShell, Target, observe_with
from csai_envs.gridworld import target_beside
from csai_envs.maze.rules import DOWN, LEFT, RIGHT, STEPS, UP, Cell, ahead, check_rooms, make_maze

STEP, GOAL = -0.01, 1.0
MAX_SIGHT = 20


class MazeEnv(KeyedShell):
    """Find the way out of a new maze each time.

    ## Description
    Every episode has a maze of its own, with one way between any two rooms. What it teaches: search, and
    with `attributes="window"`, acting on a part of the state.

    ## Action space
    `Discrete(4)`, an attribute named "actions": 0 up, 1 right, 2 down, 3 left. Walls stop the walker.

    ## Observation space
    Three attributes; the maze has `size = 2 * rooms + 1` cells along a side.
    - "board": `Box(0, 1, (3, size, size), uint8)`, planes for walls, walker and goal;
    - "agent_pos": `MultiDiscrete([size, size])`, the walker's [y, x];
    - "window": `Box(0, 1, (3, 2 * sight + 1, 2 * sight + 1), uint8)`, the part of "board" around the walker;
      what lies outside the maze is wall.

    `gymnasium.make("CSAI/Maze-v0")` observes "board".

    ## Rewards
    1 for the goal, -0.01 for every other step; `info["reward_parts"]` calls them "goal" and "step".

    ## Starting state
    The walker is in the top left room, the goal in the bottom right one.

    ## Episode end
    Terminated at the goal. `gymnasium.make` truncates after 1000 steps.

    ## Information
    "score": 1 at the goal, else 0.

    Args:
        rooms: rooms along a side, from 2 to 50.
        sight: how far "window" reaches, in cells, from 1 to 20.
        **settings: those of `Shell`, among them `render_mode` and `attributes`.

    Raises:
        ConfigError: if a number is out of range.
    """

    environment_id = "CSAI/Maze-v0"
    keys_to_action: ClassVar[Mapping[str, Any]] = {
        **{"up": UP, "w": UP, "right": RIGHT, "d": RIGHT},
        **{"down": DOWN, "s": DOWN, "left": LEFT, "a": LEFT},
    }

    def __init__(self, rooms: int = 7, sight: int = 2, **settings: Any) -> None:
        defaults = {"target_fps": 10, "resolution": (450, 506), "environment_name": "Maze"}
        super().__init__(**{**defaults, **settings})
        check_rooms(rooms)
        check_int("Maze", "sight", sight, 1, MAX_SIGHT)
        self.rooms, self.sight, self.size = rooms, sight, 2 * rooms + 1
        self.goal: Cell = (self.size - 2, self.size - 2)
        self.position: Cell = (1, 1)
        """Where the walker is, (y, x); writable."""
        self.open_cells: set[Cell] = {self.position, self.goal}
        self.has_moved = False
        side, reach = self.size, 2 * sight + 1
        board, window = BoxType(0, 1, (3, side, side), np.uint8), BoxType(0, 1, (3, reach, reach), np.uint8)
        self.register_attribute(ObsAttribute("board", board, self._board, cached=False))
        position = MultiDiscreteType([side, side])
        self.register_attribute(ObsAttribute("agent_pos", position, lambda: self.position, cached=False))
        self.register_attribute(ObsAttribute("window", window, self._window_around, cached=False))
        self.register_attribute(ActionAttribute("actions", DiscreteType(4)))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Make a maze, and put the walker into it."""
        super().start_episode(options)
        self.open_cells = make_maze(self.rooms, self.keyed_random.draw)
        self.position, self.has_moved = (1, 1), False

    def advance(self, action: Any, d_t: float) -> None:
        """Take a step."""
        self.position, self.has_moved = ahead(self.position, action, self.open_cells), True

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """1 at the goal, -0.01 elsewhere."""
        return sum(self._parts().values()), self.position == self.goal

    def get_info(self) -> dict[str, Any]:
        """The score and, after a step, the parts of the reward."""
        info: dict[str, Any] = {"score": int(self.position == self.goal)}
        return {**info, "reward_parts": self._parts()} if self.has_moved else info

    def overlay_states(self) -> dict[tuple[int, int], Any]:
        """What would be observed in each open cell."""
        return {cell: observe_with(self, position=cell) for cell in sorted(self.open_cells)}

    def target_at(self, x: float, y: float) -> Target | None:
        """The move to the open cell that is pointed at."""
        return target_beside(self.draw(), self.position, STEPS, self.open_cells, x, y)

    def has_won(self) -> bool | None:
        """True at the goal."""
        return True if self.position == self.goal else None

    def draw(self) -> Canvas:
        """The maze as a picture."""
        from csai_envs.maze.rendering import draw

        return draw(self.open_cells, self.size, self.position, self.goal, self.resolution)

    def render_text(self) -> str:
        """The maze as text, a row in each line."""
        from csai_envs.maze.rendering import render_text

        return render_text(self.open_cells, self.size, self.position, self.goal)

    def _parts(self) -> dict[str, float]:
        is_there = self.position == self.goal
        return {"goal": GOAL * is_there, "step": STEP * (not is_there)}

    def _board(self) -> NDArray[np.uint8]:
        planes = np.zeros((3, self.size, self.size), np.uint8)
        planes[0] = 1
        planes[0][tuple(np.array(list(self.open_cells)).T)] = 0
        planes[1][self.position] = 1
        planes[2][self.goal] = 1
        return planes

    def _window_around(self) -> NDArray[np.uint8]:
        board, sight = self._board(), self.sight
        wide = np.pad(board, ((0, 0), (sight, sight), (sight, sight)))
        wide[0] = np.pad(board[0], sight, constant_values=1)
        y, x = self.position
        return wide[:, y : y + 2 * sight + 1, x : x + 2 * sight + 1]
