"""The order of one epoch: which example comes when, and in which batch.

Everything follows from seed and epoch, so an epoch can be resumed at any batch, in another process, and go
on exactly as it would have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True)
class EpochOrder:
    """The order of one epoch, or of what is left of it.

    Args:
        order: (number of examples,), which example comes when.
        batch_size: how many go into a batch; the last has what is left. A last one that would be a
            single example is left out where there are others, as some layers cannot learn from one.
        first: the batch to begin with.
        seed: decides what augmentation does.
    """

    order: Tensor
    batch_size: int
    first: int = 0
    seed: int = 0

    @property
    def num_batches(self) -> int:
        """How many batches the whole epoch has."""
        return count_batches(len(self.order), self.batch_size)

    def batches(self) -> Iterator[tuple[int, Tensor]]:
        """The number of each batch from the first on, and which examples it holds."""
        for number in range(self.first, self.num_batches):
            start = number * self.batch_size
            yield number, self.order[start : start + self.batch_size]


def count_batches(size: int, batch_size: int) -> int:
    """How many batches an epoch of so many examples has."""
    whole, left = divmod(size, batch_size)
    return whole + (left > 1 or not whole)


def shuffled(size: int, batch_size: int, *, seed: int, epoch: int, first: int = 0) -> EpochOrder:
    """A random order, another for each seed and epoch."""
    order_seed, other_seed = derive_seed(seed, epoch, 0), derive_seed(seed, epoch, 1)
    order = torch.randperm(size, generator=torch.Generator().manual_seed(order_seed))
    return EpochOrder(order, batch_size, first, other_seed)


def in_order(size: int, batch_size: int) -> Iterator[tuple[int, Tensor]]:
    """Every example once, in order, for tests."""
    for number, start in enumerate(range(0, size, batch_size)):
        yield number, torch.arange(start, min(start + batch_size, size))


def derive_seed(*entropy: int) -> int:
    """A seed out of several numbers, unlike that of any others."""
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> np.uint64(1))
