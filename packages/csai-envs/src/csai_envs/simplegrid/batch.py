"""Many walkers on SimpleGrid at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import AttributeNames
from csai_core.games import Canvas
from csai_envs.gridworld import GridWorldVectorEnv
from csai_envs.simplegrid.env import FPS, RESOLUTION, ground, spaces
from csai_envs.simplegrid.rules import make_world


class SimpleGridVectorEnv(GridWorldVectorEnv):
    """Many walkers on SimpleGrid; `SimpleGridEnv` tells what they do.

    Args:
        num_envs: how many walkers.
        grid_size: cells along a side, from 2 to 100.
        attributes: which attributes are observed.
        **settings: those of `BatchedEnv`, among them `render_mode` and `copy`.
    """

    def __init__(
        self,
        num_envs: int = 1,
        grid_size: int = 5,
        *,
        attributes: AttributeNames | None = "agent_pos",
        **settings: Any,
    ) -> None:
        world = make_world(grid_size)
        settings = {"render_fps": FPS, "resolution": RESOLUTION, **settings}
        super().__init__(num_envs, world, spaces(grid_size), attributes, **settings)

    def observe_cells(self, name: str, cell: NDArray[np.int64]) -> Any:
        """The attribute of that name, of walkers in these cells."""
        if name == "cell":
            return cell
        return np.stack(np.divmod(cell, self.world.width), axis=1).astype(np.float32)

    def ground(self) -> NDArray[np.uint8]:
        """The colors of the square."""
        return ground(self.world)

    def draw(self, game: int) -> Canvas:
        """A picture of one walker's square."""
        from csai_envs.simplegrid.rendering import draw

        return draw(self.world, int(self.cell[game]), self.resolution)
