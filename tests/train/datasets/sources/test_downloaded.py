"""Files that are found, fetched, or named with the place where they belong."""

from __future__ import annotations

import pytest

from csai_train.datasets import MNISTDataset
from csai_train.errors import MissingFilesError


def test_the_root_can_be_said_by_a_variable(mnist, monkeypatch):
    monkeypatch.setenv("CSAI_DATA", str(mnist))
    assert MNISTDataset.is_here()
    assert len(MNISTDataset().trainset) == 300


def test_missing_files_are_named_with_the_place_where_they_belong(tmp_path):
    assert not MNISTDataset.is_here(tmp_path)
    with pytest.raises(MissingFilesError) as caught:
        MNISTDataset(root=tmp_path, download=False)
    text = str(caught.value)
    assert f"Put these files into {tmp_path / 'MNIST' / 'raw'}" in text
    assert "train-images-idx3-ubyte.gz (9,912,422 bytes)" in text
    assert "t10k-labels-idx1-ubyte.gz" in text


def test_only_what_is_missing_is_named(mnist):
    (mnist / "MNIST/raw/t10k-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(
        MissingFilesError, match=r"Put these files into .*: t10k-labels-idx1-ubyte.gz \(4,542"
    ):
        MNISTDataset(root=mnist, download=False)


def test_without_a_network_it_is_said_what_to_put_where(tmp_path, monkeypatch):
    class NoNetwork:
        class datasets:  # noqa: N801
            @staticmethod
            def MNIST(root, train, download):  # noqa: N802
                raise RuntimeError("Error downloading: Name or service not known")

    monkeypatch.setattr(
        "csai_train.datasets.sources.downloaded.import_torchvision", lambda needed_for: NoNetwork
    )
    with pytest.raises(
        MissingFilesError, match=r"could not be downloaded: .*not known\. Put these files into"
    ):
        MNISTDataset(root=tmp_path)


def test_without_torchvision_it_is_said_too(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "torchvision", None)
    with pytest.raises(MissingFilesError, match=r"needs torchvision: pip install .*Put these files into"):
        MNISTDataset(root=tmp_path)


def test_a_download_is_used(tmp_path, monkeypatch, samples):
    class Network:
        class datasets:  # noqa: N801
            @staticmethod
            def MNIST(root, train, download):  # noqa: N802
                samples.write_mnist(tmp_path)

    monkeypatch.setattr(
        "csai_train.datasets.sources.downloaded.import_torchvision", lambda needed_for: Network
    )
    assert len(MNISTDataset(root=tmp_path).trainset) == 300
