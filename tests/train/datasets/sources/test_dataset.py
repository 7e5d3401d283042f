"""Datasets of one's own: what they must set, and loaders for loops of one's own."""

from __future__ import annotations

import pytest
import torch

from csai_core.errors import ContractError
from csai_train.datasets import Dataset, DatasetOrigin


def test_a_dataset_that_sets_nothing_is_told_what_to_set():
    class Empty(Dataset):
        def __init__(self, transform=None):
            super().__init__(DatasetOrigin.CUSTOM, transform)

        def _load_data(self):
            pass

    with pytest.raises(ContractError, match=r"Empty has no trainset: its _load_data must set self\.trainset"):
        len(Empty().trainset)
    with pytest.raises(AttributeError, match="has no attribute 'tranform'"):
        print(Empty().tranform)
    with pytest.raises(ContractError, match="must write _load_data"):
        Dataset(DatasetOrigin.CUSTOM)


class Pairs(Dataset):
    def _load_data(self):
        self.trainset = self.testset = [(torch.zeros(2), label) for label in (0, 1, 2, 0, 1, 2)]
        self.num_classes = 3


def test_loaders_for_loops_of_ones_own():
    dataset = Pairs(DatasetOrigin.CUSTOM)
    assert sum(len(labels) for _, labels in dataset.get_train_loader(batch_size=4)) == 6
    assert [labels.tolist() for _, labels in dataset.get_test_loader(4)] == [[0, 1, 2, 0], [1, 2]]
