"""Many walkers on SimpleGrid at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from numpy.typing import NDArray

from csai_core.shell.table import Names
from csai_envs.simplegrid.env import spaces
from csai_envs.simplegrid.rules import make_world
from csai_envs.walk import WalkVectorEnv


class SimpleGridVectorEnv(WalkVectorEnv):
    """Many walkers on SimpleGrid; `SimpleGridEnv` tells what they do, `WalkVectorEnv` the other arguments.

    Args:
        num_envs: how many walkers.
        grid_size: cells along a side, from 2 to 100.
        attributes: which attributes are observed.
        reward_parts: whether `infos["reward_parts"]` tells the parts of each reward.
        max_episode_steps: truncates a game after so many steps.
        autoreset_mode: when a game that is over starts anew.
        copy: whether each observation is an array of its own.
    """

    def __init__(
        self,
        num_envs: int = 1,
        grid_size: int = 5,
        *,
        attributes: Names | None = "agent_pos",
        reward_parts: bool = False,
        max_episode_steps: int | None = None,
        autoreset_mode: AutoresetMode | str = AutoresetMode.NEXT_STEP,
        copy: bool = True,
    ) -> None:
        world = make_world(grid_size)
        limits = (reward_parts, max_episode_steps, autoreset_mode, copy)
        super().__init__(num_envs, world, spaces(grid_size), attributes, *limits)

    def look(self, name: str, cell: NDArray[np.int64]) -> Any:
        """The attribute of that name, of walkers in these cells."""
        if name == "cell":
            return cell
        return np.stack(np.divmod(cell, self.world.width), axis=1).astype(np.float32)
