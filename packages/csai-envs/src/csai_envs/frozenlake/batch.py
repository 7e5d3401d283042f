"""Many walkers on FrozenLake at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import AttributeNames
from csai_core.games import Canvas
from csai_envs.frozenlake.env import FPS, RESOLUTION, ground, shades, spaces
from csai_envs.frozenlake.rules import DEFAULT_LAKE, make_world
from csai_envs.gridworld import GridWorldVectorEnv


class FrozenLakeVectorEnv(GridWorldVectorEnv):
    """Many walkers on FrozenLake; `FrozenLakeEnv` tells what they do.

    Args:
        num_envs: how many walkers.
        lake: the map.
        is_slippery: whether only one action in three happens as it was meant.
        attributes: which attributes are observed.
        **settings: those of `BatchedEnv`, among them `render_mode` and `copy`.
    """

    def __init__(
        self,
        num_envs: int = 1,
        lake: Sequence[str] = DEFAULT_LAKE,
        is_slippery: bool = False,
        *,
        attributes: AttributeNames | None = "cell",
        **settings: Any,
    ) -> None:
        world = make_world(lake, is_slippery)
        settings = {"render_fps": FPS, "resolution": RESOLUTION, **settings}
        super().__init__(num_envs, world, spaces(world), attributes, **settings)
        self.lake = tuple(lake)
        self._ice = shades(lake).reshape(-1)

    def observe_cells(self, name: str, cell: NDArray[np.int64]) -> Any:
        """The attribute of that name, of walkers in these cells."""
        if name == "cell":
            return cell
        pictures = np.tile(self._ice, (cell.size, 1))
        pictures[np.arange(cell.size), cell] = 1.0
        return pictures.reshape(-1, 1, self.world.height, self.world.width)

    def ground(self) -> NDArray[np.uint8]:
        """The colors of the ice."""
        return ground(self.lake)

    def draw(self, game: int) -> Canvas:
        """A picture of one walker's lake."""
        from csai_envs.frozenlake.rendering import draw

        return draw(self.lake, int(self.cell[game]), self.resolution)
