"""Bits to flip until they are as they should be: a reward that chance hardly ever finds."""

from __future__ import annotations

from typing import Any

import numpy as np
from csai_core import ActionAttribute, DiscreteType, MultiBinaryType, ObsAttribute
from csai_core.arguments import check_int
from csai_core.games import KeyedShell
from numpy.typing import NDArray

Bits = NDArray[np.int8]
"""(num_bits,), or (batch, num_bits)."""


def compute_reward(achieved_goal: Any, desired_goal: Any, info: Any = None) -> NDArray[np.float64]:
    """0 where all bits are as they should be, and -1 elsewhere.

    Args:
        achieved_goal: (num_bits,) or (batch, num_bits), the bits.
        desired_goal: alike, what they should be.
        info: not looked at.

    Returns:
        (), or (batch,).
    """
    return np.asarray(compute_terminated(achieved_goal, desired_goal) - 1.0)


def compute_terminated(achieved_goal: Any, desired_goal: Any, info: Any = None) -> NDArray[np.bool_]:
    """Where all bits are as they should be, which ends the episode; arguments as of `compute_reward`."""
    return np.asarray((np.asarray(achieved_goal) == np.asarray(desired_goal)).all(axis=-1))


class BitFlipEnv(KeyedShell):
    """Flip one bit after the other until all are as they should be.

    ## Action space
    `Discrete(num_bits)`, an attribute named "flip": which bit.

    ## Observation space
    `Dict` of three `MultiBinary(num_bits)`, as of Gymnasium-Robotics' environments with goals: "observation"
    and "achieved_goal", which are both the bits, and "desired_goal", what they should be.

    ## Rewards
    -1 for every flip, but 0 for the one that brings all bits to where they should be, which ends the episode.

    ## Starting state
    Each bit, and each that is wanted, is 0 or 1 with the same chance; they are not alike in all.

    Args:
        num_bits: how many bits.
        **settings: handed to `Shell`.

    Raises:
        ConfigError: if that is no integer, or below 1.

    Reference: Andrychowicz et al. 2017, arXiv:1707.01495, section 3.1.
    """

    def __init__(self, num_bits: int = 8, **settings: Any) -> None:
        super().__init__(**settings)
        self.num_bits = check_int("BitFlipEnv", "num_bits", num_bits, least=1)
        self.bits: Bits = np.zeros(num_bits, np.int8)
        self.goal: Bits = np.ones(num_bits, np.int8)
        kind = MultiBinaryType(num_bits)
        self.register_attribute(ObsAttribute("observation", kind, lambda: self.bits))
        self.register_attribute(ObsAttribute("achieved_goal", kind, lambda: self.bits))
        self.register_attribute(ObsAttribute("desired_goal", kind, lambda: self.goal))
        self.register_attribute(ActionAttribute("flip", DiscreteType(num_bits)))

    def compute_reward(self, achieved_goal: Any, desired_goal: Any, info: Any) -> NDArray[np.float64]:
        """What some goals pay; see `compute_reward` of this module."""
        return compute_reward(achieved_goal, desired_goal, info)

    def compute_terminated(self, achieved_goal: Any, desired_goal: Any, info: Any) -> NDArray[np.bool_]:
        """Where goals are achieved; see `compute_terminated` of this module."""
        return compute_terminated(achieved_goal, desired_goal, info)

    def start_episode(self, options: dict[str, Any]) -> None:
        """Draw the bits and the goal."""
        super().start_episode(options)
        drawn = [self.keyed_random.draw(2) for _ in range(2 * self.num_bits)]
        self.bits, self.goal = np.array(drawn, np.int8).reshape(2, self.num_bits)
        other = self.keyed_random.draw(self.num_bits)
        if compute_terminated(self.bits, self.goal):
            self.goal[other] ^= 1

    def advance(self, action: int, d_t: float) -> None:
        """Flip one bit."""
        self.bits[action] ^= 1

    def get_current_reward(self, action: int, current_state: Any) -> tuple[float, bool]:
        """Only the goal pays."""
        reward = float(compute_reward(self.bits, self.goal))
        return reward, bool(compute_terminated(self.bits, self.goal))

    def get_info(self) -> dict[str, Any]:
        """The score: how many bits are as they should be."""
        return {"score": int((self.bits == self.goal).sum())}

    def has_won(self) -> bool | None:
        """True once all bits are as they should be."""
        return True if compute_terminated(self.bits, self.goal) else None

    def render_text(self) -> str:
        """The bits, and below them what they should be."""
        return "\n".join("".join(map(str, bits)) for bits in (self.bits, self.goal))
