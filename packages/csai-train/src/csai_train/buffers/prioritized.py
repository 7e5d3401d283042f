"""The prioritized replay buffer: what surprised most is drawn most often (Schaul et al. 2016)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from csai_core.arguments import check_number
from csai_train.buffers.replay import ReplayBuffer, Transitions
from csai_train.buffers.sum_tree import SumTree

_LEAST = 1e-6
"""Added to every error, so that nothing is never drawn again."""


class PrioritizedReplayBuffer(ReplayBuffer):
    """Remembers the newest transitions, and draws those most often whose value was most wrong.

        P(i)      = p_i^alpha / sum over k of p_k^alpha,     p_i = |error of i| + a little
        weight(i) = (1 / (N * P(i)))^beta / the largest in the batch

    New transitions get the largest priority seen, so that each is learned from soon.

    Args:
        batch_size: how many transitions a batch holds.
        capacity: how many are remembered; the oldest are forgotten first.
        alpha: how much priorities matter. 0 draws evenly, 1 in proportion to the errors.
        beta: how far weights make up for the uneven draws, from 0 not at all to 1 wholly. May be changed
            as the training goes on; usual are 0.4 at its start and 1 at its end.
        seed: makes the draws repeatable.

    Raises:
        ConfigError: if a number cannot work.

    Reference: Schaul et al. 2016, arXiv:1511.05952, section 3.3 and 3.4.
    """

    def __init__(
        self,
        batch_size: int = 32,
        capacity: int = 100_000,
        *,
        alpha: float = 0.6,
        beta: float = 0.4,
        seed: int | None = None,
    ) -> None:
        super().__init__(batch_size, capacity, seed=seed)
        owner = type(self).__name__
        self.alpha = check_number(owner, "alpha", alpha, least=0, most=1)
        self.beta = check_number(owner, "beta", beta, least=0, most=1)
        self._tree = SumTree(self.capacity)
        self._largest = 1.0

    def place(self, rows: Mapping[str, Any], env: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give new transitions the largest priority seen; see `ReplayBuffer.place`."""
        position = super().place(rows, env)
        self._tree[position] = self._largest**self.alpha
        return position

    def draw(self, n: int) -> NDArray[np.int64]:
        """Draw by the priorities, one from each of n equal parts of their sum; see `ReplayBuffer.draw`."""
        return self._tree.find((np.arange(n) + self.random.random(n)) * (self._tree.total / n))

    def sample(self, n: int | None = None) -> Transitions:
        """Draw transitions by their priorities, and tell the `weight` by which to multiply their losses.

        Args:
            n: how many; None draws `batch_size`.

        Raises:
            ConfigError: if none can be drawn yet.
        """
        batch = super().sample(n)
        weight = (self.num_drawable * self._tree[batch.position] / self._tree.total) ** -self.beta
        return batch._replace(weight=(weight / weight.max()).astype(np.float32))

    def update_priorities(self, position: NDArray[np.int64] | None, error: ArrayLike) -> None:
        """Tell how wrong the values of some transitions were.

        Args:
            position: (batch,), where they lie, as `sample` told.
            error: (batch,), temporal-difference errors of either sign.
        """
        if position is None:
            return
        priority = np.abs(np.asarray(error, dtype=np.float64)) + _LEAST
        self._largest = max(self._largest, float(priority.max()))
        self._tree[position] = priority**self.alpha

    def clear_memory(self) -> None:
        """Forget everything."""
        super().clear_memory()
        self._tree = SumTree(self.capacity)
        self._largest = 1.0

    def state_dict(self) -> dict[str, Any]:
        """Everything remembered, with its priorities, and the generator's state."""
        return {
            **super().state_dict(),
            "priorities": self._tree[0 : self.num_drawable],
            "largest": self._largest,
            "beta": self.beta,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Remember what `state_dict` gave."""
        super().load_state_dict(state)
        self._tree = SumTree(self.capacity)
        self._tree[np.arange(len(state["priorities"]))] = state["priorities"]
        self._largest = state["largest"]
        self.beta = state["beta"]
