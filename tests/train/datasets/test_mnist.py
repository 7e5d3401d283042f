"""MNIST and whatever comes in its form: found, checked, decoded once, and damaged files named."""

from __future__ import annotations

import gzip

import numpy as np
import pytest
import torch

from csai_train.datasets import FashionMNISTDataset, MNISTDataset
from csai_train.datasets.errors import DamagedFileError, InvalidDataError, MissingFilesError

IMPORT = "csai_train.datasets.sources.downloaded.import_torchvision"


def damage(path, change):
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(data)))


@pytest.mark.parametrize("folder", ["MNIST/raw", "raw", "MNIST", "."])
@pytest.mark.parametrize("packed", [True, False])
def test_images_are_read_wherever_they_lie(tmp_path, forms, folder, packed):
    dataset = MNISTDataset(root=forms.write_mnist(tmp_path, folder=folder, packed=packed), download=False)
    images, labels = forms.bars(300, 0)
    assert torch.equal(dataset.trainset.images[:, 0], torch.from_numpy(images))
    assert torch.equal(dataset.trainset.labels, torch.from_numpy(labels).long())
    assert (len(dataset.trainset), len(dataset.testset), dataset.num_classes) == (300, 100, 10)


def test_an_example_is_an_image_from_minus_one_to_one_and_a_label(mnist, forms):
    image, label = MNISTDataset(root=mnist).trainset[5]
    images, labels = forms.bars(300, 0)
    np.testing.assert_allclose(image[0].numpy(), images[5] / 127.5 - 1, atol=1e-6)
    assert label == labels[5]


def test_fashion_has_names_for_its_classes(tmp_path, forms):
    dataset = FashionMNISTDataset(root=forms.write_mnist(tmp_path, folder="FashionMNIST/raw"))
    assert dataset.classes[9] == "ankle boot"
    assert dataset.name == "fashion_mnist"


def test_the_root_can_be_said_by_a_variable(mnist, monkeypatch):
    monkeypatch.setenv("CSAI_DATA", str(mnist))
    assert MNISTDataset.is_here()
    assert len(MNISTDataset().trainset) == 300


# --- what is missing


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


def test_a_download_is_used(tmp_path, monkeypatch, forms):
    class Network:
        class datasets:  # noqa: N801
            @staticmethod
            def MNIST(root, train, download):  # noqa: N802
                forms.write_mnist(tmp_path)

    monkeypatch.setattr(
        "csai_train.datasets.sources.downloaded.import_torchvision", lambda needed_for: Network
    )
    assert len(MNISTDataset(root=tmp_path).trainset) == 300


# --- what is damaged


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


@pytest.mark.parametrize(("change", "how"), [(-1, "cut short"), (1, "cut short or altered")])
def test_an_unpacked_file_of_another_length_is_named(tmp_path, forms, change, how):
    forms.write_mnist(tmp_path, packed=False)
    path = tmp_path / "MNIST/raw/train-images-idx3-ubyte"
    damage(path, lambda data: data[:change] if change < 0 else data + b"x")
    with pytest.raises(DamagedFileError, match=rf"{path} is {how}.*300 x 12 x 12 bytes"):
        MNISTDataset(root=tmp_path)


def test_a_file_of_the_published_size_must_have_the_published_checksum(mnist):
    path = mnist / "MNIST/raw/t10k-labels-idx1-ubyte.gz"
    path.write_bytes(gzip.compress(b"").ljust(4_542, b"\0"))
    with pytest.raises(
        DamagedFileError, match=r"t10k-labels.*its MD5 is .* and the published file's is ec29112d"
    ):
        MNISTDataset(root=mnist)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"hello world", "is no IDX file: it begins with 68 65 6c 6c"),
        (b"", "is no IDX file: it begins with nothing"),
        (b"\0\0\x0d\x03" + b"\0" * 12, "holds numbers of type 0x0d in 3 axes; here it must be bytes"),
        (b"\0\0\x08\x01" + b"\0" * 4, "in 1 axes; here it must be bytes .0x08. in 3"),
        (b"\0\0\x08\x03\0\0", "cut short or altered"),
    ],
)
def test_what_is_no_idx_file_is_named(tmp_path, forms, data, message):
    forms.write_mnist(tmp_path, packed=False)
    (tmp_path / "MNIST/raw/train-images-idx3-ubyte").write_bytes(data)
    with pytest.raises(DamagedFileError, match=message):
        MNISTDataset(root=tmp_path)


def test_as_many_labels_as_images(tmp_path, forms):
    forms.write_mnist(tmp_path, packed=False)
    (tmp_path / "MNIST/raw/train-labels-idx1-ubyte").write_bytes(forms.to_idx(np.zeros(7, np.uint8)))
    with pytest.raises(InvalidDataError, match=r"holds 300 images, and .* 7 labels"):
        MNISTDataset(root=tmp_path)


def test_no_image_at_all_is_refused(tmp_path, forms):
    with pytest.raises(InvalidDataError, match="There is no image in the training set of mnist"):
        MNISTDataset(root=forms.write_mnist(tmp_path, count=0))


# --- the cache


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


def test_other_files_are_decoded_anew_and_the_old_cache_is_forgotten(mnist, forms):
    MNISTDataset(root=mnist)
    forms.write_mnist(mnist, count=120)
    assert len(MNISTDataset(root=mnist).trainset) == 120
    assert len(list((mnist / "csai-cache").iterdir())) == 1


def test_without_the_right_to_write_it_works_without_a_cache(mnist):
    (mnist / "csai-cache").write_text("a file where the folder should be")
    assert len(MNISTDataset(root=mnist).trainset) == 300
