"""CIFAR-10 and CIFAR-100 as they are published."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

from csai_train.datasets import CIFAR10Dataset, CIFAR100Dataset
from csai_train.errors import DamagedFileError, MissingFilesError


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_ten_classes(tmp_path, samples, protocol):
    dataset = CIFAR10Dataset(root=samples.write_cifar10(tmp_path, protocol=protocol), download=False)
    batch = pickle.loads((tmp_path / "cifar-10-batches-py/data_batch_2").read_bytes())
    expected = batch[b"data"].reshape(-1, 3, 32, 32)
    np.testing.assert_array_equal(dataset.trainset.images[20:40].numpy(), expected)
    assert dataset.trainset.labels[20:40].tolist() == batch[b"labels"]
    assert (len(dataset.trainset), len(dataset.testset)) == (100, 20)
    assert dataset.classes[3] == "thing 3"


def test_a_hundred_classes(tmp_path):
    folder = tmp_path / "cifar-100-python"
    folder.mkdir()
    for name, count in (("train", 30), ("test", 10)):
        data = np.full((count, 3072), 7, np.uint8)
        labels = [number % 100 for number in range(count)]
        (folder / name).write_bytes(pickle.dumps({"data": data, "fine_labels": labels}, protocol=2))
    dataset = CIFAR100Dataset(root=tmp_path, download=False)
    assert (len(dataset.trainset), dataset.num_classes, dataset.classes) == (30, 100, ())


@pytest.mark.parametrize("batch", [{}, {"data": np.zeros((2, 7), np.uint8), "labels": [1, 2]}, [1]])
def test_a_batch_that_holds_something_else_is_named(tmp_path, samples, batch):
    samples.write_cifar10(tmp_path)
    (tmp_path / "cifar-10-batches-py/test_batch").write_bytes(pickle.dumps(batch))
    with pytest.raises(DamagedFileError, match="test_batch is cut short or altered"):
        CIFAR10Dataset(root=tmp_path)


def test_missing_batches_are_named(tmp_path, samples):
    samples.write_cifar10(tmp_path)
    (tmp_path / "cifar-10-batches-py/data_batch_4").unlink()
    with pytest.raises(MissingFilesError, match=r"cifar-10-batches-py: data_batch_4 \(31,035,696 bytes\)"):
        CIFAR10Dataset(root=tmp_path, download=False)
