"""Damaged files are named; archives are read as they are."""

from __future__ import annotations

import gzip
import tarfile

import pytest

from csai_train.datasets import CIFAR10Dataset, MNISTDataset
from csai_train.errors import DamagedFileError


def damage(path, change):
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(data)))


@pytest.mark.parametrize("used_before", [True, False])
@pytest.mark.parametrize("name", ["train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"])
@pytest.mark.parametrize(
    "change",
    [lambda data: data[: len(data) // 2], lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:]],
)
def test_a_packed_file_that_is_cut_short_or_altered_is_named(mnist, name, change, used_before):
    if used_before:
        MNISTDataset(root=mnist)
    damage(mnist / "MNIST/raw" / name, change)
    with pytest.raises(DamagedFileError, match=rf"MNIST/raw/{name} is cut short or altered"):
        MNISTDataset(root=mnist)


def test_a_file_of_the_published_size_must_have_the_published_checksum(mnist):
    path = mnist / "MNIST/raw/t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(b"").ljust(4_542, b"\0"))
    with pytest.raises(
        DamagedFileError, match=r"t10k-labels.*its MD5 is .* and the published file's is ec29112d"
    ):
        MNISTDataset(root=mnist)


def test_the_archive_is_read_where_it_was_not_unpacked(tmp_path, samples):
    samples.write_cifar10(tmp_path / "unpacked")
    with tarfile.open(tmp_path / "cifar-10-python.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "unpacked" / "cifar-10-batches-py", "cifar-10-batches-py")
    assert CIFAR10Dataset.is_here(tmp_path)
    one, other = CIFAR10Dataset(root=tmp_path, download=False), CIFAR10Dataset(root=tmp_path / "unpacked")
    assert one.trainset.images.equal(other.trainset.images)
    path = tmp_path / "cifar-10-python.tar.gz"
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DamagedFileError, match=r"cifar-10-python\.tar\.gz is cut short or altered"):
        CIFAR10Dataset(root=tmp_path, download=False)
