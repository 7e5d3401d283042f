"""Decoded datasets on disk: read again, made again when damaged, forgotten when the files change."""

from __future__ import annotations

import pytest
import torch

from csai_train.datasets import MNISTDataset


def damage(path, change):
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(data)))


def test_what_was_decoded_once_is_read_from_the_cache(mnist, monkeypatch):
    first = MNISTDataset(root=mnist)
    (cached,) = (mnist / "csai-cache").iterdir()
    assert cached.name.startswith("mnist-v1-")
    monkeypatch.setattr(
        "csai_train.datasets.sources.idx.parse", None
    )  # it would fail if it were decoded again
    again = MNISTDataset(root=mnist)
    assert torch.equal(first.trainset.images, again.trainset.images)
    assert torch.equal(first.testset.labels, again.testset.labels)
    assert first.classes == again.classes


@pytest.mark.parametrize(
    "change",
    [lambda data: data[:-5], lambda data: data[:-5] + b"12345", lambda data: b"", lambda data: data[:10]],
)
def test_a_damaged_cache_is_made_again(mnist, change):
    first = MNISTDataset(root=mnist)
    (cached,) = (mnist / "csai-cache").iterdir()
    damage(cached, change)
    again = MNISTDataset(root=mnist)
    assert torch.equal(first.trainset.images, again.trainset.images)
    assert len(cached.read_bytes()) > 10_000


def test_other_files_are_decoded_again_and_the_old_cache_is_forgotten(mnist, samples):
    MNISTDataset(root=mnist)
    samples.write_mnist(mnist, count=120)
    assert len(MNISTDataset(root=mnist).trainset) == 120
    assert len(list((mnist / "csai-cache").iterdir())) == 1


def test_without_the_right_to_write_it_works_without_a_cache(mnist):
    (mnist / "csai-cache").write_text("a file where the folder should be")
    assert len(MNISTDataset(root=mnist).trainset) == 300
