"""SimpleGrid as a Gymnasium environment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from csai_core import ActionAttribute, BoxType, DiscreteType, ObsAttribute, Shell, SpaceType
from csai_core.games import DARK_CELL, ORANGE, Canvas, Target, observe_with
from csai_envs.gridworld import GridWorld, Outcomes, target_beside, with_walkers
from csai_envs.simplegrid.rules import DOWN, LEFT, RIGHT, UP, make_world

FPS, RESOLUTION = 6, (400, 450)
"""How fast and how large games are shown, unless they are told otherwise."""


def spaces(grid_size: int) -> dict[str, SpaceType]:
    """The space of each observation attribute."""
    return {
        "agent_pos": BoxType(0, grid_size - 1, (2,), np.float32),
        "cell": DiscreteType(grid_size * grid_size),
    }


def ground(world: GridWorld) -> NDArray[np.uint8]:
    """The colors of the square without its walker, of shape (grid_size, grid_size, 3)."""
    colors = np.full((world.height, world.width, 3), DARK_CELL, np.uint8)
    colors.reshape(-1, 3)[world.ends.index(True)] = ORANGE
    return colors


class SimpleGridEnv(Shell):
    """Walk from one corner of a square to the other.

    ## Description
    Nothing is in the way, and every step costs a little. What it teaches: that a goal far away can be
    learned from, and why a discount makes the walker hurry.

    ## Action space
    `Discrete(4)`, an attribute named "action": 0 up, 1 right, 2 down, 3 left. Walls stop the walker.

    ## Observation space
    Two attributes: "agent_pos", `Box(0, grid_size - 1, (2,), float32)`, the walker's [y, x]; and "cell",
    `Discrete(grid_size ** 2)`, the same as one number, row by row. `gymnasium.make("CSAI/SimpleGrid-v0")`
    observes "agent_pos".

    ## Rewards
    1 for reaching the goal, -0.01 for every other step; `info["reward_parts"]` calls them "goal" and "step".

    ## Starting state
    The walker is in the top left corner, the goal in the bottom right one.

    ## Episode end
    Terminated at the goal. `gymnasium.make` truncates after 200 steps.

    ## Information
    "score": 1 at the goal, else 0.

    Args:
        grid_size: cells along a side, from 2 to 100.
        **settings: those of `Shell`, among them `render_mode` and `attributes`.

    Raises:
        ConfigError: if the size is out of range.
    """

    environment_id = "CSAI/SimpleGrid-v0"
    keys_to_action: ClassVar[Mapping[str, Any]] = {
        **{"up": UP, "w": UP, "right": RIGHT, "d": RIGHT},
        **{"down": DOWN, "s": DOWN, "left": LEFT, "a": LEFT},
    }

    def __init__(self, grid_size: int = 5, **settings: Any) -> None:
        defaults = {"target_fps": FPS, "resolution": RESOLUTION, "environment_name": "SimpleGrid"}
        super().__init__(**{**defaults, **settings})
        self.world = make_world(grid_size)
        self.cell = 0
        """Where the walker is, row by row; writable."""
        self.has_moved = False
        readers = {"agent_pos": self._position, "cell": lambda: self.cell}
        for name, space in spaces(grid_size).items():
            self.register_attribute(ObsAttribute(name, space, readers[name], cached=False))
        self.register_attribute(ActionAttribute("action", DiscreteType(4)))

    def start_episode(self, options: dict[str, Any]) -> None:
        """Put the walker at the start."""
        self.cell, self.has_moved = self.world.start, False

    def advance(self, action: Any, d_t: float) -> None:
        """Take a step."""
        self.cell, self.has_moved = self.world.ahead(self.cell, action), True

    def get_current_reward(self, action: Any, current_state: Any) -> tuple[float, bool]:
        """1 at the goal, -0.01 elsewhere."""
        return sum(self.world.rewards(self.cell).values()), self.world.ends[self.cell]

    def get_info(self) -> dict[str, Any]:
        """The score and, after a step, the parts of the reward."""
        info: dict[str, Any] = {"score": int(self.world.ends[self.cell])}
        return {**info, "reward_parts": self.world.rewards(self.cell)} if self.has_moved else info

    def overlay_states(self) -> dict[tuple[int, int], Any]:
        """What would be observed in each cell."""
        cells = range(self.world.width * self.world.height)
        return {divmod(cell, self.world.width): observe_with(self, cell=cell) for cell in cells}

    @property
    def P(self) -> Outcomes:  # noqa: N802, the name that Gymnasium's grid worlds have for it
        """What each action in each cell may lead to; see `GridWorld.outcomes`."""
        return self.world.outcomes()

    def target_at(self, x: float, y: float) -> Target | None:
        """The move to the cell that is pointed at."""
        here = divmod(self.cell, self.world.width)
        return target_beside(self.draw(), here, self.world.moves, self.world.cells, x, y)

    def has_won(self) -> bool | None:
        """True at the goal."""
        return True if self.world.ends[self.cell] else None

    def draw(self) -> Canvas:
        """The square as a picture."""
        from csai_envs.simplegrid.rendering import draw

        return draw(self.world, self.cell, self.resolution)

    def draw_cells(self) -> NDArray[np.uint8]:
        """The square as colors."""
        cells: NDArray[np.uint8] = with_walkers(ground(self.world), np.array([self.cell]))[0]
        return cells

    def render_text(self) -> str:
        """The square as text, a row in each line."""
        from csai_envs.simplegrid.rendering import render_text

        return render_text(self.world, self.cell)

    def _position(self) -> NDArray[np.float32]:
        return np.array(divmod(self.cell, self.world.width), np.float32)
