"""The order of an epoch: every example once, the same again for the same seed, and resumed anywhere."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from csai_train.datasets.learning.epoch_order import count_batches, derive_seed, in_order, shuffled
from csai_train.group import Group


@given(size=st.integers(1, 80), batch_size=st.integers(1, 30), epoch=st.integers(0, 3))
def test_every_example_is_in_exactly_one_batch(size, batch_size, epoch):
    order = shuffled(size, batch_size, seed=1, epoch=epoch)
    batches = [chosen for _, chosen in order.batches()]
    assert len(batches) == order.num_batches == count_batches(size, batch_size)
    found = torch.cat(batches).tolist()
    assert len(set(found)) == len(found)
    # Only a last batch of a single example is left out.
    assert len(found) == size or (len(found) == size - 1 and size % batch_size == 1)
    assert all(len(batch) > 1 for batch in batches) or batch_size == 1 or size == 1


@given(first=st.integers(0, 8))
def test_an_epoch_is_resumed_where_it_was_left(first):
    whole = list(shuffled(40, 5, seed=3, epoch=1).batches())
    rest = list(shuffled(40, 5, seed=3, epoch=1, first=first).batches())
    assert [(number, chosen.tolist()) for number, chosen in rest] == [
        (number, chosen.tolist()) for number, chosen in whole[first:]
    ]


def test_epochs_and_seeds_differ():
    orders = [shuffled(30, 5, seed=s, epoch=e).order.tolist() for s in (0, 1) for e in (0, 1)]
    assert len({tuple(order) for order in orders}) == 4
    assert derive_seed(1, 2) != derive_seed(2, 1)


@pytest.mark.parametrize("size", [2, 3])
def test_processes_share_each_batch(size):
    alone = shuffled(17, 5, seed=1, epoch=2)
    orders = [shuffled(17, 5, seed=1, epoch=2, group=Group(rank, size)) for rank in range(size)]
    for number, whole in alone.batches():
        parts = [
            part[: order.num_own(each)]
            for order in orders
            for each, part in order.batches()
            if each == number
        ]
        assert torch.equal(torch.cat(parts), whole)
    assert len({order.seed for order in orders}) == size
    assert all(len(part) for order in orders for _, part in order.batches())


def test_processes_share_the_batches_of_a_test():
    whole = [chosen for _, chosen in in_order(23, 5)]
    parts = [chosen for rank in range(3) for _, chosen in in_order(23, 5, Group(rank, 3))]
    assert sorted(torch.cat(parts).tolist()) == torch.cat(whole).tolist()
    assert len(parts) == len(whole)
