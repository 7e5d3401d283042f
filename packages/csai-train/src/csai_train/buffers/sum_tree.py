"""A sum tree: numbers of which any sum from the left is found, and changed, in a few steps."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.memory import require_memory


class SumTree:
    """Non-negative numbers, each above its two halves' sum: a binary tree laid out in one array.

    Node 1 is the root and the sum of all; node i has the children 2i and 2i + 1. To draw a number with a
    chance in proportion to its size takes one step a level, for a whole batch at once.

    Args:
        size: how many numbers there are; all are zero at first.

    Raises:
        ConfigError: if this machine has no memory for as many.

    Reference: Schaul et al. 2016, arXiv:1511.05952, appendix B.2.1.
    """

    def __init__(self, size: int) -> None:
        self._depth = max(0, (size - 1).bit_length())
        self._first_leaf = 1 << self._depth
        require_memory(f"A sum tree of {size:,} numbers", 16 * self._first_leaf, "Give a smaller capacity.")
        self._nodes = np.zeros(2 * self._first_leaf)

    @property
    def total(self) -> float:
        """The sum of all numbers."""
        return float(self._nodes[1])

    def __getitem__(self, index: Any) -> Any:
        """The numbers at an index, an array of them, or a slice that starts and stops somewhere."""
        if isinstance(index, slice):
            index = np.arange(index.start, index.stop)
        return self._nodes[self._first_leaf + index]

    def __setitem__(self, index: NDArray[np.int64], values: Any) -> None:
        """Set the numbers at an array of indices; of an index that comes twice, the last one counts."""
        nodes = self._first_leaf + index
        self._nodes[nodes] = values
        for _ in range(self._depth):
            nodes = np.unique(nodes >> 1)
            self._nodes[nodes] = self._nodes[2 * nodes] + self._nodes[2 * nodes + 1]

    def find(self, sums: NDArray[np.float64]) -> NDArray[np.int64]:
        """For each sum, the index at which the numbers from the left first add up to more than it.

        Args:
            sums: each from 0 to below `total`.
        """
        nodes = np.ones(len(sums), dtype=np.int64)
        remaining = sums.copy()
        for _ in range(self._depth):
            left = 2 * nodes
            below = self._nodes[left]
            # Where nothing is on the right, rounding must not lead there.
            goes_right = (remaining >= below) & (self._nodes[left + 1] > 0)
            remaining -= np.where(goes_right, below, 0.0)
            nodes = left + goes_right
        return nodes - self._first_leaf
