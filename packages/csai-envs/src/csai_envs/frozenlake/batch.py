"""Many walkers on FrozenLake at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from csai_core.shell.table import Names
from csai_envs.frozenlake.env import shades, spaces
from csai_envs.frozenlake.rules import DEFAULT_LAKE, make_world
from csai_envs.walk import WalkVectorEnv


class FrozenLakeVectorEnv(WalkVectorEnv):
    """Many walkers on FrozenLake; `FrozenLakeEnv` tells what they do, `WalkVectorEnv` the other arguments.

    Args:
        num_envs: how many walkers.
        lake: the map.
        is_slippery: whether only one action in three happens as it was meant.
        attributes: which attributes are observed.
        reward_parts: whether `infos["reward_parts"]` tells the parts of each reward.
        max_episode_steps: truncates a game after so many steps.
        autoreset_mode: when a game that is over starts anew.
        copy: whether each observation is an array of its own.
    """

    def __init__(
        self,
        num_envs: int = 1,
        lake: Sequence[str] = DEFAULT_LAKE,
        is_slippery: bool = False,
        *,
        attributes: Names | None = "cell",
        reward_parts: bool = False,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        world = make_world(lake, is_slippery)
        limits = (reward_parts, max_episode_steps, autoreset_mode, copy)
        super().__init__(num_envs, world, spaces(world), attributes, *limits)
        self._ice = shades(lake).reshape(-1)

    def look(self, name: str, cell: NDArray[np.int64]) -> Any:
        """The attribute of that name, of walkers in these cells."""
        if name == "cell":
            return cell
        pictures = np.tile(self._ice, (cell.size, 1))
        pictures[np.arange(cell.size), cell] = 1.0
        return pictures.reshape(-1, 1, self.world.height, self.world.width)
