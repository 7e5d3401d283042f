"""The processes of one training, as an algorithm and the loop know them: here, a single one.

A training holds a `Group` always. That of one process, which is this class itself, gives back what it is
given, so that nothing is computed otherwise than without it, and nothing is imported for it. That of several
(`torch_group.py`) does the same over all of them; each method is called by all, at the same moment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from torch import Tensor


class Group:
    """The processes of a training; here one.

    Args:
        rank: which of them this is, from 0.
        size: how many they are; more than one here only to be asked for a `share`, or to find out what fits
            where nothing is trained.

    Attributes:
        has_wish: whether this process has something to agree on with the others soon.
        is_wished: whether any has, as all of them hear with the next gradient.
    """

    def __init__(self, rank: int = 0, size: int = 1) -> None:
        self.rank = rank
        self.size = size
        self.has_wish = self.is_wished = False

    @property
    def is_main(self) -> bool:
        """Whether this process is the one that writes, shows and judges."""
        return self.rank == 0

    @property
    def is_shared(self) -> bool:
        """Whether there are others."""
        return self.size > 1

    def share(self, total: int, rank: int | None = None) -> int:
        """How many of so many are a process's own: as many as another's, but for one of what remains.

        Args:
            total: how many they are over all processes.
            rank: whose; None is this process's.
        """
        return total // self.size + ((self.rank if rank is None else rank) < total % self.size)

    def first(self, total: int) -> int:
        """Where this process's share of so many begins, if they are numbered over all processes."""
        return sum(self.share(total, rank) for rank in range(self.rank))

    def mean_gradient(self, gradient: Tensor, weight: float, loss: float) -> float:
        """Make a gradient the mean over all processes, in place, each with its weight.

        Args:
            gradient: (count,), of this process's part of a batch.
            weight: how many examples that part has.
            loss: their mean loss.

        Returns:
            The mean loss over all processes.
        """
        return loss

    def mean(self, values: NDArray[np.float64], weight: float = 1.0) -> NDArray[np.float64]:
        """The mean of some numbers over all processes, each with its weight."""
        return values

    def merge_stats(
        self, count: Any, mean: NDArray[np.float64], squares: NDArray[np.float64]
    ) -> tuple[Any, NDArray[np.float64], NDArray[np.float64]]:
        """Means of many values over all processes, and the sums of squares of what each differs by from them.

        Args:
            count: how many values; a number, or an array that goes with the others.
            mean: of this process's values.
            squares: the sum of squares of what each of them differs by from that.

        Reference: Chan, Golub and LeVeque 1979.
        """
        return count, mean, squares

    def any(self, flag: bool) -> bool:
        """Whether any process says so."""
        return flag

    def barrier(self) -> None:
        """Wait until all processes are here."""

    def gather_rows(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """The rows of all processes, (count, columns), those of the first one first."""
        return rows

    def broadcast(self, *tensors: Tensor) -> None:
        """Give all processes what the first one has, in place."""

    def broadcast_state(self, state: Any) -> Any:
        """What the first process has: nested dicts and lists of arrays and plain values."""
        return state

    def gather_states(self, state: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """What each process has, in the first one; an empty list in others."""
        return [state]

    def scatter_states(self, states: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        """Of what the first process has for each, this one's."""
        return states[0]
