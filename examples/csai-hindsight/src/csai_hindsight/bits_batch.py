"""Many rows of bits at once, in numpy: the same world as in bits.py, flip by flip."""

from __future__ import annotations

from typing import Any

import numpy as np
from csai_core import DiscreteType, MultiBinaryType
from csai_core.arguments import check_int
from csai_core.games import BatchedEnv, Games, Outcome, draw_many
from gymnasium import spaces
from numpy.typing import NDArray

from csai_hindsight.bits import compute_reward, compute_terminated


class BitFlipVectorEnv(BatchedEnv):
    """Many rows of bits; `BitFlipEnv` tells what can be done with them.

    With seed `s`, row `i` is what the single one has after `reset(seed=s + i)`.

    Args:
        num_envs: how many rows.
        num_bits: how many bits each has.
        **settings: handed to `BatchedEnv`.

    Raises:
        ConfigError: if that is no integer, or below 1.
    """

    state_names = (*BatchedEnv.state_names, "bits", "goal")

    def __init__(self, num_envs: int = 1, num_bits: int = 8, **settings: Any) -> None:
        self.num_bits = check_int("BitFlipVectorEnv", "num_bits", num_bits, least=1)
        bits = MultiBinaryType(num_bits)
        space = spaces.Dict(observation=bits, achieved_goal=bits, desired_goal=bits)
        super().__init__(num_envs, space, DiscreteType(num_bits), **settings)
        self.bits = np.zeros((num_envs, num_bits), np.int8)
        self.goal = np.ones((num_envs, num_bits), np.int8)

    def start(self, games: NDArray[np.intp]) -> None:
        """Draw bits and goals by the same draws as `BitFlipEnv.start_episode`."""
        keys, count = self.keys[games], self.num_bits
        drawn = draw_many(keys[:, None], np.arange(2 * count, dtype=np.uint64), 2).astype(np.int8)
        bits, goal = drawn[:, :count], drawn[:, count:]
        other = draw_many(keys, np.full(len(games), 2 * count, np.uint64), count).astype(np.intp)
        alike = np.flatnonzero(compute_terminated(bits, goal))
        goal[alike, other[alike]] ^= 1
        self.bits[games], self.goal[games] = bits, goal

    def move(self, actions: NDArray[Any]) -> Outcome:
        """Flip one bit of every row."""
        self.bits[np.arange(self.num_envs), actions] ^= 1
        return compute_reward(self.bits, self.goal), compute_terminated(self.bits, self.goal)

    def observe(self, games: Games) -> Any:
        """The bits of some rows, and their goals."""
        bits = self.bits[games]
        return {"achieved_goal": bits, "desired_goal": self.goal[games], "observation": bits}

    def scores(self) -> NDArray[np.int64]:
        """How many bits of each row are as they should be."""
        return np.asarray((self.bits == self.goal).sum(axis=1))
