"""Between the numbers that a policy draws for a Box and the actions that its environment takes."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

WIDEST = 1e6
"""Bounds further apart than this say what is allowed rather than what is usual."""


class BoxScale:
    """Stretches what is drawn so that -1 and 1 are a Box's bounds, and clips it to them.

    A policy that begins around 0 with a deviation near 1 so explores all of a Box of any size. Numbers
    without two bounds, or with bounds further apart than `WIDEST`, are acted in as they are drawn.

    Args:
        space: the actions.
    """

    def __init__(self, space: spaces.Box) -> None:
        self._space = space
        low, high = space.low.astype(np.float64), space.high.astype(np.float64)
        is_narrow = high / 2 - low / 2 <= WIDEST / 2
        low, high = np.where(is_narrow, low, -1.0), np.where(is_narrow, high, 1.0)
        self.center = low + (high - low) / 2
        """(*shape of the space): the action that a drawn 0 stands for."""
        self.scale = (high - low) / 2
        """(*shape of the space): how far a drawn 1 is from it."""
        self._is_same = not self.center.any() and bool((self.scale == 1).all())

    def to_environment(self, drawn: NDArray[np.floating[Any]]) -> NDArray[Any]:
        """Actions as the environment takes them: of the space's dtype and within its bounds.

        Args:
            drawn: (*batch axes, *shape of the space).
        """
        if self._is_same:
            return np.clip(drawn.astype(self._space.dtype, copy=False), self._space.low, self._space.high)
        action = np.clip(self.center + self.scale * drawn, self._space.low, self._space.high)
        return action.astype(self._space.dtype, copy=False)

    def spread(
        self, mean: NDArray[np.float32], deviation: NDArray[np.float32]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Means and deviations of what is drawn, (batch, numbers), in the environment's units and shape."""
        shape = (len(mean), *self._space.shape)
        return (
            (self.center + self.scale * mean.reshape(shape)).astype(np.float32),
            (self.scale * deviation.reshape(shape)).astype(np.float32),
        )

    def from_environment(self, action: NDArray[Any]) -> NDArray[np.float32]:
        """What was drawn for actions of the environment, as far as they lay within its bounds.

        Args:
            action: (*batch axes, *shape of the space).
        """
        if self._is_same:
            return action.astype(np.float32, copy=False)
        scale = np.where(self.scale == 0, 1.0, self.scale)  # of bounds that leave no choice
        return ((action - self.center) / scale).astype(np.float32)
