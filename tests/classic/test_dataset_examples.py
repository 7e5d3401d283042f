"""The document's examples of datasets, one after the other as they stand there, on small files."""

from __future__ import annotations

import pickle
import struct

import numpy as np
import pytest
import torch
from PIL import Image

from csai_train.errors import TrainingWarning

CHAPTER = [
    ("`Datasets`", 0),
    ("`Datasets`", 1),
    ("`Datasets`", 2),
    ("Custom Transforms", 0),
    ("Creating Custom Datasets", 0),
]
LOAD_DATA = [
    "halves = np.zeros((2, 6, 6, 1), np.uint8)",
    "halves[0, :, :3] = halves[1, :, 3:] = 200",
    "self.trainset = [(halves[i % 2], i % 2) for i in range(128)]",
    "self.testset = self.trainset[:10]",
    "self.num_classes = 2",
]


def bars(count, random):
    """Dark images of 28 x 28 with a bright bar, whose height is their label."""
    labels = random.integers(0, 10, count, dtype=np.uint8)
    images = random.integers(0, 30, (count, 28, 28), dtype=np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[2 * label + 4 : 2 * label + 7] += 200
    return images, labels


def write_idx(path, array):
    header = bytes([0, 0, 8, array.ndim]) + b"".join(struct.pack(">I", size) for size in array.shape)
    path.write_bytes(header + array.tobytes())


def write_digits(folder, random):
    folder.mkdir(parents=True)
    for part, count in (("train", 448), ("t10k", 100)):
        images, labels = bars(count, random)
        write_idx(folder / f"{part}-images-idx3-ubyte", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte", labels)


def write_pictures(folder, names, labels, num_classes, random):
    folder.mkdir(parents=True)
    for name in names:
        batch = {
            b"data": random.integers(0, 256, (5, 3072), dtype=np.uint8),
            labels: random.integers(0, num_classes, 5).tolist(),
        }
        (folder / name).write_bytes(pickle.dumps(batch, protocol=2))


def write_folders(folder):
    for part in ("train", "val"):
        for number, name in enumerate(("cat", "dog")):
            (folder / part / name).mkdir(parents=True)
            Image.new("RGB", (30, 30), (100 * number, 0, 0)).save(folder / part / name / "0.png")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A folder with small datasets in the forms of the published ones."""
    folder, random = tmp_path_factory.mktemp("data"), np.random.default_rng(0)
    write_digits(folder / "MNIST" / "raw", random)
    write_digits(folder / "FashionMNIST" / "raw", random)
    batches = [*(f"data_batch_{number}" for number in range(1, 6)), "test_batch"]
    write_pictures(folder / "cifar-10-batches-py", batches, b"labels", 10, random)
    write_pictures(folder / "cifar-100-python", ["train", "test"], b"fine_labels", 100, random)
    write_folders(folder / "imagenet")
    return folder


@pytest.fixture(scope="module")
def after(document, fill, data):
    """What the first n examples of the chapter leave behind; each is run once, in order.

    "cuda" is "cpu", and the path to ImageNet, which the document leaves open, is filled in.
    """
    namespace, run = {"np": np}, []

    def after(n):
        with pytest.MonkeyPatch.context() as monkeypatch:
            monkeypatch.setenv("CSAI_DATA", str(data))
            for title, number in CHAPTER[len(run) : n]:
                code = document(title, number).replace("/path/to/imagenet", str(data / "imagenet"))
                code = code.replace('"cuda"', '"cpu"').replace("'cuda'", "'cpu'")
                if title == "Creating Custom Datasets":
                    code = fill(code, _load_data=LOAD_DATA)
                exec(code, namespace)
                run.append(title)
        return namespace

    return after


def test_a_network_for_digits(after):
    namespace = after(1)
    assert namespace["conv_block"].output_size == 3136
    assert namespace["net"](torch.zeros(5, 1, 28, 28)).shape == (5, 10)
    assert namespace["net"].device.type == "cpu"


def test_every_dataset_is_made_as_the_document_makes_it(after):
    pytest.importorskip("torchvision")
    namespace = after(2)
    names = ("mnist", "cifar10", "fashion_mnist", "cifar100", "imagenet")
    found = [namespace[f"{name}_dataset"] for name in names]
    assert [each.origin.value for each in found] == list(names)
    assert [each.num_classes for each in found] == [10, 10, 10, 100, 2]
    assert [len(each.trainset) for each in found] == [448, 25, 448, 5, 2]
    assert [tuple(each.trainset[0][0].shape) for each in found] == [
        (1, 28, 28), (3, 32, 32), (1, 28, 28), (3, 32, 32), (3, 224, 224),
    ]  # fmt: skip


def test_training_on_a_dataset_learns_it(after):
    pytest.importorskip("torchvision")
    namespace = after(3)
    images, labels = zip(*namespace["mnist_dataset"].testset, strict=True)
    guesses = namespace["net"](torch.stack(images)).argmax(1)
    assert (guesses == torch.tensor(labels)).float().mean().item() > 0.8


def test_a_transform_of_ones_own(after):
    transforms = pytest.importorskip("torchvision").transforms
    namespace = after(4)
    mnist_dataset, steps = namespace["mnist_dataset"], namespace["custom_transform"].transforms
    assert mnist_dataset.transform is namespace["custom_transform"]
    assert [type(step) for step in steps] == [transforms.ToTensor, transforms.Normalize]
    image, _ = mnist_dataset.trainset[0]
    assert image.shape == (1, 28, 28)
    assert (image.min() < -0.7, image.max() > 0.5) == (True, True)


def test_a_dataset_of_ones_own(after):
    pytest.importorskip("torchvision")
    namespace = after(5)
    dataset = namespace["CustomDataset"]()
    assert dataset.origin is namespace["DatasetOrigin"].CUSTOM
    net = namespace["Net"]()
    image = namespace["ObsAttribute"](name="img", space=namespace["BoxType"](0, 1, shape=(1, 6, 6)))
    for block in (
        namespace["InputBlock"](image),
        namespace["FlattenBlock"](),
        namespace["OutputBlock"](num_classes=2),
    ):
        net.add_block(block)
    net.compile()
    with pytest.warns(TrainingWarning, match="image by image"):
        namespace["train_on_dataset"](net, dataset, epochs=20)
    left, right = torch.zeros(2, 1, 6, 6)
    left[..., :3] = right[..., 3:] = 200 / 255
    assert net(torch.stack([left, right])).argmax(1).tolist() == [0, 1]
