"""Bringing observations to mean 0 and deviation 1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.errors import ConfigError

_LARGEST = 10.0
"""Scaled observations are cut off here, so that a first surprise does no damage."""


class ObservationScaler:
    """Scales observations by the mean and deviation of all that it has seen.

    Args:
        space: a Box.

    Raises:
        ConfigError: if the space is another.

    Reference: Chan, Golub and LeVeque 1979, for joining means and variances of batches.
    """

    def __init__(self, space: spaces.Space[Any]) -> None:
        if not isinstance(space, spaces.Box):
            raise ConfigError(f"Only Box observations can be normalised, not {space}.")
        self._mean = np.zeros(space.shape)
        self._variance = np.ones(space.shape)
        self._count = 0

    def scale(self, observation: NDArray[Any], *, learn: bool) -> NDArray[np.float32]:
        """Scaled observations, float32; with `learn`, they also change the mean and deviation.

        Args:
            observation: (batch, *shape of the space).
            learn: whether these observations count.
        """
        if learn:
            self._include(observation)
        scaled = (observation - self._mean) / np.sqrt(self._variance + 1e-8)
        return np.clip(scaled, -_LARGEST, _LARGEST).astype(np.float32)

    def _include(self, observation: NDArray[Any]) -> None:
        count = len(observation)
        total = self._count + count
        change = observation.mean(axis=0) - self._mean
        squares = self._variance * self._count + observation.var(axis=0) * count
        self._variance = (squares + change**2 * self._count * count / total) / total
        self._mean = self._mean + change * count / total
        self._count = total

    def state_dict(self) -> dict[str, Any]:
        """Mean, variance and how many observations they come from."""
        return {"mean": self._mean, "variance": self._variance, "count": self._count}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self._mean, self._variance = np.array(state["mean"]), np.array(state["variance"])
        self._count = state["count"]
