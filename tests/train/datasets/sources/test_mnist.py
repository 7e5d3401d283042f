"""MNIST and whatever comes in its form."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from csai_train.datasets import FashionMNISTDataset, MNISTDataset
from csai_train.errors import InvalidDataError


@pytest.mark.parametrize("folder", ["MNIST/raw", "raw", "MNIST", "."])
@pytest.mark.parametrize("packed", [True, False])
def test_images_are_read_wherever_they_lie(tmp_path, samples, folder, packed):
    dataset = MNISTDataset(root=samples.write_mnist(tmp_path, folder=folder, packed=packed), download=False)
    images, labels = samples.bars(300, 0)
    assert torch.equal(dataset.trainset.images[:, 0], torch.from_numpy(images))
    assert torch.equal(dataset.trainset.labels, torch.from_numpy(labels).long())
    assert (len(dataset.trainset), len(dataset.testset), dataset.num_classes) == (300, 100, 10)


def test_fashion_has_names_for_its_classes(tmp_path, samples):
    dataset = FashionMNISTDataset(root=samples.write_mnist(tmp_path, folder="FashionMNIST/raw"))
    assert dataset.classes[9] == "ankle boot"
    assert dataset.name == "fashion_mnist"


def test_as_many_labels_as_images(tmp_path, samples):
    samples.write_mnist(tmp_path, packed=False)
    (tmp_path / "MNIST/raw/train-labels-idx1-ubyte").write_bytes(samples.to_idx(np.zeros(7, np.uint8)))
    with pytest.raises(InvalidDataError, match=r"holds 300 images, and .* 7 labels"):
        MNISTDataset(root=tmp_path)
