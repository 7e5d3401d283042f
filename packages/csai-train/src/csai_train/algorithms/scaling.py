"""Bringing observations to mean 0 and deviation 1, and rewards to a size that networks cope with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.errors import ConfigError

_LARGEST = 10.0
"""Scaled observations are cut off here, so that a first surprise does no damage."""


class RunningMoments:
    """Mean and variance of everything seen so far.

    Args:
        shape: of one thing.
        variance: to begin with.
        count: as how many things that counts.

    Reference: Chan, Golub and LeVeque 1979, for joining means and variances of batches.
    """

    def __init__(self, shape: tuple[int, ...], variance: float = 1.0, count: int = 0) -> None:
        self.mean = np.zeros(shape)
        self.variance = np.full(shape, variance)
        self.count = count

    def include(self, batch: NDArray[Any]) -> None:
        """Take note of some more, (batch, *shape)."""
        count = len(batch)
        total = self.count + count
        change = batch.mean(axis=0) - self.mean
        squares = self.variance * self.count + batch.var(axis=0) * count
        self.variance = (squares + change**2 * self.count * count / total) / total
        self.mean = self.mean + change * count / total
        self.count = total

    def state_dict(self) -> dict[str, Any]:
        """Mean, variance and how many things they come from."""
        return {"mean": self.mean, "variance": self.variance, "count": self.count}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.mean, self.variance = np.array(state["mean"]), np.array(state["variance"])
        self.count = state["count"]


class ObservationScaler:
    """Scales observations by the mean and deviation of all that it has seen.

    Args:
        space: a Box.

    Raises:
        ConfigError: if the space is another.
    """

    def __init__(self, space: spaces.Space[Any]) -> None:
        if not isinstance(space, spaces.Box):
            raise ConfigError(f"Only Box observations can be normalized, not {space}.")
        self._seen = RunningMoments(space.shape)

    def scale(self, observation: NDArray[Any], *, learn: bool) -> NDArray[np.float32]:
        """Scaled observations, float32; with `learn`, they also change the mean and deviation.

        Args:
            observation: (batch, *shape of the space).
            learn: whether these observations count.
        """
        if learn:
            self._seen.include(observation)
        scaled = (observation - self._seen.mean) / np.sqrt(self._seen.variance + 1e-8)
        return np.clip(scaled, -_LARGEST, _LARGEST).astype(np.float32)

    def state_dict(self) -> dict[str, Any]:
        """Mean, variance and how many observations they come from."""
        return self._seen.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self._seen.load_state_dict(state)


def take_over(scaling: Mapping[str, Any] | None, scaler: ObservationScaler | None) -> None:
    """Let a scaler go on from where the observations of a network stood, which was trained before.

    Args:
        scaling: the state of the scaler it was trained with; None where it was trained without one.
        scaler: the one that it shall be trained with; None where there is none.

    Raises:
        ConfigError: if observations were scaled, and shall not be, or the other way round.
    """
    if (scaling is None) != (scaler is None):
        was, here = ("as they are", "scaled") if scaling is None else ("scaled", "as they are")
        raise ConfigError(
            f"Its network was trained on observations {was}, and here they would be {here}: train with "
            f"ppo and normalize_observation={scaling is not None}."
        )
    if scaling is not None and scaler is not None:
        scaler.load_state_dict(scaling)


class RewardScaler:
    """Divides rewards by the deviation of their discounted sums, so that returns are of size 1 or so.

    Nothing is subtracted: that would change which behavior is best.

    Args:
        num_envs: how many environments give rewards.
        gamma: discount.
        std: the deviation to begin with; it counts as much as one reward.
        epsilon: added to the deviation, against division by zero.

    Reference: Engstrom et al. 2020, arXiv:2005.12729, section 3, "reward scaling".
    """

    def __init__(self, num_envs: int, gamma: float, *, std: float = 1.0, epsilon: float = 1e-8) -> None:
        self.gamma = gamma
        self.epsilon = epsilon
        self._sums = np.zeros(num_envs)
        self._seen = RunningMoments((), variance=std**2, count=1)

    def scale(self, reward: NDArray[np.float64], ended: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Scaled rewards.

        Args:
            reward: (num_envs,).
            ended: (num_envs,), whether the episode ended with this reward, in either way.
        """
        self._sums = self.gamma * self._sums + reward
        self._seen.include(self._sums)
        self._sums[ended] = 0.0
        scaled: NDArray[np.float64] = reward / self.unit
        return scaled

    @property
    def unit(self) -> float:
        """How large a reward is that is scaled to 1 now."""
        return float(np.sqrt(self._seen.variance)) + self.epsilon

    def cut(self) -> None:
        """Hear that the episodes under way were cut: their sums are over."""
        self._sums[:] = 0.0

    def state_dict(self) -> dict[str, Any]:
        """The sums under way and the deviation."""
        return {"sums": self._sums, "seen": self._seen.state_dict()}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self._sums = np.array(state["sums"])
        self._seen.load_state_dict(state["seen"])
