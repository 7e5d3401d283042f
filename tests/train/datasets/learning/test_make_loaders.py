"""What people give as training and test sets, and what is said of what cannot be trained on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from csai_core.errors import ConfigError
from csai_train.datasets import Dataset, DatasetOrigin
from csai_train.datasets.learning.loaders import InMemoryLoader, StreamingLoader
from csai_train.datasets.learning.make_loaders import make_loaders
from csai_train.errors import CompatibilityError, InvalidDataError

CPU = torch.device("cpu")

IMAGES = np.arange(6 * 5 * 7, dtype=np.uint8).reshape(6, 5, 7)

LABELS = np.array([0, 1, 2, 0, 1, 2])


class Given(Dataset):
    """A dataset of whatever it is given."""

    def __init__(self, trainset, testset=None, num_classes=3, transform=None):
        self.given = trainset, trainset if testset is None else testset, num_classes
        super().__init__(DatasetOrigin.CUSTOM, transform)

    def _load_data(self):
        self.trainset, self.testset, self.num_classes = self.given


def loaders(trainset, said=None, **kwargs):
    options = {name: kwargs.pop(name) for name in ("augmentations", "takes_bytes") if name in kwargs}
    messages = [] if said is None else said
    return make_loaders(Given(trainset, **kwargs), CPU, warn=messages.append, **options)[0]


def everything(loader):
    inputs, labels = zip(*loader.test_batches(), strict=True)
    return torch.cat(inputs), torch.cat(labels)


class Lazy:
    """Examples that are made one by one."""

    def __init__(self, examples):
        self.examples = examples

    def __len__(self):
        return len(self.examples)

    def __getitem__(self, index):
        return self.examples[index]


EXPECTED = torch.from_numpy(IMAGES[:, None] / np.float32(127.5) - 1).float()

SAME_IMAGES = {
    "bytes": (IMAGES, LABELS),
    "bytes with a channel": (IMAGES[:, None], LABELS),
    "bytes with the channel last": (IMAGES[..., None], LABELS),
    "tensors": (torch.from_numpy(IMAGES), torch.from_numpy(LABELS)),
    "labels that are whole floats": (IMAGES, LABELS.astype(float)),
    "small labels": (IMAGES, LABELS.astype(np.int8)),
    "pairs of bytes": list(zip(IMAGES, LABELS, strict=True)),
    "pairs of PIL images": [(Image.fromarray(i), int(k)) for i, k in zip(IMAGES, LABELS, strict=True)],
    "floats": (EXPECTED.numpy(), LABELS),
    "doubles": (EXPECTED.double(), LABELS),
    "pairs of tensors": list(zip(EXPECTED, LABELS.tolist(), strict=True)),
    "a TensorDataset": torch.utils.data.TensorDataset(EXPECTED, torch.from_numpy(LABELS)),
}


@pytest.mark.parametrize("name", SAME_IMAGES)
def test_all_that_is_whole_becomes_the_same_tensors(name):
    said = []
    loader = loaders(SAME_IMAGES[name], said)
    assert isinstance(loader, InMemoryLoader)
    inputs, labels = everything(loader)
    torch.testing.assert_close(inputs, EXPECTED)
    assert labels.tolist() == LABELS.tolist()
    assert (inputs.dtype, labels.dtype, said) == (torch.float32, torch.int64, [])


@pytest.mark.parametrize(
    "examples",
    [
        Lazy(SAME_IMAGES["pairs of PIL images"]),
        Lazy(SAME_IMAGES["pairs of tensors"]),
        Lazy(list(zip(IMAGES[:, None], LABELS, strict=True))),
    ],
)
def test_examples_one_by_one_become_the_same_and_it_is_said_once(examples):
    said = []
    loader = loaders(examples, said)
    assert isinstance(loader, StreamingLoader)
    inputs, labels = everything(loader)
    torch.testing.assert_close(inputs, EXPECTED)
    assert labels.tolist() == LABELS.tolist()
    assert len(said) == 1
    assert "gives its examples one by one" in said[0]


def test_a_transform_of_ones_own_is_done_image_by_image_and_it_is_said_once():
    said = []

    def brightest(image):
        assert isinstance(image, Image.Image)
        return torch.full((1, 2, 2), float(np.asarray(image).max()))

    loader = loaders((IMAGES, LABELS), said, transform=brightest)
    assert everything(loader)[0][:, 0, 0, 0].tolist() == IMAGES.max(axis=(1, 2)).tolist()
    assert len(said) == 1
    assert "Your own transform is done to the training set of Given image by image" in said[0]


def test_a_net_that_takes_bytes_gets_them():
    inputs, _ = everything(loaders((IMAGES, LABELS), takes_bytes=True))
    assert inputs.dtype == torch.uint8
    with pytest.raises(CompatibilityError, match=r"takes bytes from 0 to 255, but .* image by image"):
        loaders((IMAGES, LABELS), takes_bytes=True, transform=lambda image: torch.zeros(1))


@pytest.mark.parametrize(
    ("trainset", "message"),
    [
        ([], "nothing in the training set of Given: it is empty"),
        ((np.zeros((0, 4, 4), np.uint8), np.zeros(0)), "There is no image"),
        (iter([(IMAGES[0], 1)]), "which has no length"),
        ([1, 2, 3], r"must hold pairs of \(input, label\); its first is 1"),
        ((IMAGES, LABELS[:4]), "6 inputs and 4 labels"),
        (
            (IMAGES, LABELS + 1),
            r"Example 2 of the training set of Given has the label 3; labels must be from 0 to 2",
        ),
        ((IMAGES, LABELS - 1), "has the label -1"),
        ((IMAGES, np.eye(6)), r"labels .* have shape \(6, 6\).*For one-hot labels, give labels\.argmax\(1\)"),
        ((IMAGES, LABELS + 0.5), "are not integers"),
        ((IMAGES, np.array(list("abcdef"))), "they must be numbers"),
        ((np.full((6, 2), np.nan), LABELS), "Input 0 of .* NaN or infinite"),
        ((np.array(["a"] * 6), LABELS), "they must be numbers"),
        (((IMAGES, LABELS, LABELS)), "must hold pairs"),
    ],
)
def test_data_that_cannot_be_trained_on_is_refused(trainset, message):
    with pytest.raises(InvalidDataError, match=message):
        loaders(trainset)


@pytest.mark.parametrize("num_classes", [0, 1, 2.5, "ten", True, None])
def test_the_number_of_classes_must_be_one(num_classes):
    with pytest.raises(InvalidDataError, match=r"num_classes=.*; it must be an integer from 2 on"):
        loaders((IMAGES, LABELS), num_classes=num_classes)


def test_augmentation_is_for_images_in_batches():
    with pytest.raises(ConfigError, match="is for images"):
        loaders((EXPECTED.flatten(1), LABELS), augmentations=("flip",))
    with pytest.raises(ConfigError, match="Put augmentation into your transform"):
        loaders((IMAGES, LABELS), augmentations=("flip",), transform=lambda image: torch.zeros(1))
