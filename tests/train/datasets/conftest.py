"""Small datasets in the formats of the published ones, and small networks for them."""

from __future__ import annotations

import gzip
import inspect
import pickle
import struct

import numpy as np
import pytest
import torch
from PIL import Image

from csai_core import BoxType, ObsAttribute
from csai_neural import FlattenBlock, InputBlock, LinearBlock, Net, OutputBlock
from csai_train.datasets import MNISTDataset, train_on_dataset


def bars(count, seed, size=12, num_classes=10):
    """Gray images with a bright bar in the row that is their label, on noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, num_classes, count, dtype=np.uint8)
    images = random.integers(0, 90, (count, size, size), dtype=np.uint8)
    images[np.arange(count), labels] += 120
    return images, labels


def to_idx(array):
    """An array of bytes in the IDX format."""
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", size) for size in array.shape)
    return header + np.ascontiguousarray(array).tobytes()


def write_mnist(root, count=300, size=12, folder="MNIST/raw", packed=True, num_classes=10):
    """The four files of MNIST with other images."""
    (root / folder).mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(("train", "t10k")):
        images, labels = bars(count if part == "train" else count // 3, number, size, num_classes)
        for name, array in (("images-idx3", images), ("labels-idx1", labels)):
            data = to_idx(array)
            path = root / folder / f"{part}-{name}-ubyte"
            if packed:
                path.with_name(f"{path.name}.gz").write_bytes(gzip.compress(data))
            else:
                path.write_bytes(data)
    return root


def write_cifar10(root, count=20, protocol=2):
    """The files of CIFAR-10 as torchvision reads them, with other images."""
    folder = root / "cifar-10-batches-py"
    folder.mkdir(parents=True)
    random = np.random.default_rng(0)
    for name in (*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"):
        labels = random.integers(0, 10, count).tolist()
        data = random.integers(0, 128, (count, 3072), dtype=np.uint8)
        for image, label in zip(data, labels, strict=True):
            image[300 * label : 300 * (label + 1)] += 100  # a band that tells the label
        batch = {b"data": data, b"labels": labels, b"batch_label": b"x", b"filenames": [b"a"] * count}
        (folder / name).write_bytes(pickle.dumps(batch, protocol=protocol))
    names = {b"label_names": [f"thing {number}".encode() for number in range(10)]}
    (folder / "batches.meta").write_bytes(pickle.dumps(names, protocol=protocol))
    return root


def write_folders(root, per_class=4, size=24, classes=("cat", "dog")):
    """Images in ImageNet's form: one color for each class."""
    random = np.random.default_rng(0)
    for part in ("train", "val"):
        for number, name in enumerate(classes):
            folder = root / part / name
            folder.mkdir(parents=True)
            for count in range(per_class):
                image = random.integers(0, 60, (size, size + count, 3), dtype=np.uint8)
                image[..., number] += 150
                Image.fromarray(image).save(folder / f"{count}.png")
    return root


def make_net(shape=(1, 12, 12), num_classes=10, hidden=16, **kwargs):
    """A small network with the same weights every time."""
    with torch.random.fork_rng():
        torch.manual_seed(3)
        net = Net()
        net.add_block(InputBlock(ObsAttribute("img", BoxType(-1, 1, shape=shape))))
        net.add_block(FlattenBlock())
        net.add_block(LinearBlock(num_hidden_layers=1, hidden_size=hidden, **kwargs))
        net.add_block(OutputBlock(num_classes=num_classes))
        net.compile()
    return net


@pytest.fixture
def mnist(tmp_path):
    """A folder with a dataset in MNIST's form."""
    return write_mnist(tmp_path / "data")


@pytest.fixture
def dataset(mnist):
    return MNISTDataset(root=mnist)


@pytest.fixture
def net():
    return make_net()


@pytest.fixture
def train():
    """Trains with a rate for small networks; what is no argument is a field of the config."""
    arguments = set(inspect.signature(train_on_dataset).parameters)

    def train(net, dataset, **given):
        config = {name: given.pop(name) for name in set(given) - arguments}
        return train_on_dataset(
            net, dataset, **{"seed": 1, **given}, config={"learning_rate": 0.01, **config}
        )

    return train


@pytest.fixture
def weights():
    """All weights of a network in one tensor."""
    return lambda net: torch.cat([tensor.flatten().float() for tensor in net.state_dict().values()])


@pytest.fixture
def is_figure():
    """Whether a file holds an image that is large enough for a figure."""

    def is_figure(path):
        with Image.open(path) as image:
            return image.size[0] > 300

    return is_figure


@pytest.fixture
def samples():
    """The functions of this module, for tests that need others than the usual."""
    return _Samples()


class _Samples:
    bars = staticmethod(bars)
    to_idx = staticmethod(to_idx)
    write_mnist = staticmethod(write_mnist)
    write_cifar10 = staticmethod(write_cifar10)
    write_folders = staticmethod(write_folders)
    make_net = staticmethod(make_net)
