"""The order of one epoch: which example comes when, and in which batch.

Everything follows from seed and epoch, so an epoch can be resumed at any batch, in another process, and go
on exactly as it would have.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from csai_train.group import Group
from csai_train.group.shares import own_seed


@dataclass(frozen=True)
class EpochOrder:
    """The order of one epoch, or of what is left of it.

    Args:
        order: (number of examples,), which example comes when.
        batch_size: how many go into a batch; the last has what is left. A last one that would be a
            single example is left out where there are others, as some layers cannot learn from one.
        first: the batch to begin with.
        seed: decides what augmentation does.
        group: the processes that share each batch.
    """

    order: Tensor
    batch_size: int
    first: int = 0
    seed: int = 0
    group: Group = field(default_factory=Group)

    @property
    def num_batches(self) -> int:
        """How many batches the whole epoch has."""
        return count_batches(len(self.order), self.batch_size)

    def batches(self) -> Iterator[tuple[int, Tensor]]:
        """The number of each batch from the first on, and which of its examples are this process's.

        Where they do not suffice for all, a process has the first one, which does not count (`num_own`).
        """
        for number in range(self.first, self.num_batches):
            start = number * self.batch_size
            chosen = self.order[start : start + self.batch_size]
            own = chosen[self.group.first(len(chosen)) :][: self.num_own(number)]
            yield number, own if len(own) else chosen[:1]

    def num_own(self, number: int) -> int:
        """How many examples of a batch are this process's."""
        return self.group.share(min(self.batch_size, len(self.order) - number * self.batch_size))


def count_batches(size: int, batch_size: int) -> int:
    """How many batches an epoch of so many examples has."""
    whole, left = divmod(size, batch_size)
    return whole + (left > 1 or not whole)


def shuffled(
    size: int, batch_size: int, *, seed: int, epoch: int, first: int = 0, group: Group | None = None
) -> EpochOrder:
    """A random order, another for each seed and epoch, and the same in all processes."""
    group = Group() if group is None else group
    order_seed, other_seed = derive_seed(seed, epoch, 0), derive_seed(own_seed(seed, group), epoch, 1)
    order = torch.randperm(size, generator=torch.Generator().manual_seed(order_seed))
    return EpochOrder(order, batch_size, first, other_seed, group)


def in_order(size: int, batch_size: int, group: Group | None = None) -> Iterator[tuple[int, Tensor]]:
    """Every example once, in order, for tests; of several processes each has some of the batches."""
    group = Group() if group is None else group
    starts = range(0, size, batch_size)
    for number in range(group.rank, len(starts), group.size):
        yield number, torch.arange(starts[number], min(starts[number] + batch_size, size))


def derive_seed(*entropy: int) -> int:
    """A seed out of several numbers, unlike that of any others."""
    return int(np.random.SeedSequence(entropy).generate_state(1, np.uint64)[0] >> np.uint64(1))
