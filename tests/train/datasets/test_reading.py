"""What people give as training and test sets, and what is said of what cannot be trained on."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from csai_core.errors import ConfigError, ContractError
from csai_train.datasets import Dataset, DatasetOrigin
from csai_train.datasets.errors import CompatibilityError, InvalidDataError
from csai_train.datasets.learning.epoch_order import shuffled
from csai_train.datasets.learning.loaders import InMemoryLoader, StreamingLoader
from csai_train.datasets.learning.make_loaders import make_loaders

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


def test_a_transform_draws_the_same_for_the_same_pass_and_leaves_the_generator_alone():
    loader = loaders((IMAGES, LABELS), transform=lambda image: torch.rand(3))
    before = torch.get_rng_state()
    one, other = (list(loader.batches(shuffled(6, 4, seed=1, epoch=2))) for _ in range(2))
    assert all(torch.equal(a[0], b[0]) for a, b in zip(one, other, strict=True))
    assert torch.equal(before, torch.get_rng_state())
    rest = list(loader.batches(shuffled(6, 4, seed=1, epoch=2, first=1)))
    assert torch.equal(rest[0][0], one[1][0])
    assert not torch.equal(next(loader.batches(shuffled(6, 4, seed=1, epoch=3)))[0], one[0][0])


def test_a_net_that_takes_bytes_gets_them():
    inputs, _ = everything(loaders((IMAGES, LABELS), takes_bytes=True))
    assert inputs.dtype == torch.uint8
    with pytest.raises(CompatibilityError, match=r"takes bytes from 0 to 255, but .* image by image"):
        loaders((IMAGES, LABELS), takes_bytes=True, transform=lambda image: torch.zeros(1))


# --- what cannot be trained on


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


def test_wrong_labels_are_found_on_the_way_where_they_cannot_be_before():
    loader = loaders(Lazy([(torch.zeros(2), 1), (torch.zeros(2), 7)]))
    with pytest.raises(InvalidDataError, match=r"Example 1 of the training set of Given has the label 7"):
        everything(loader)


@pytest.mark.parametrize("value", [object(), "word", Image.fromarray(IMAGES[0])])
def test_inputs_that_are_no_numbers_are_refused(value):
    loader = loaders(Lazy([(value, 1)]), transform=lambda each: each)
    with pytest.raises(InvalidDataError, match="The inputs of the training set of Given are"):
        everything(loader)


@pytest.mark.parametrize("num_classes", [0, 1, 2.5, "ten", True, None])
def test_the_number_of_classes_must_be_one(num_classes):
    with pytest.raises(InvalidDataError, match=r"num_classes=.*; it must be an integer from 2 on"):
        loaders((IMAGES, LABELS), num_classes=num_classes)


def test_augmentation_is_for_images_in_batches():
    with pytest.raises(ConfigError, match="is for images"):
        loaders((EXPECTED.flatten(1), LABELS), augmentations=("flip",))
    with pytest.raises(ConfigError, match="Put augmentation into your transform"):
        loaders((IMAGES, LABELS), augmentations=("flip",), transform=lambda image: torch.zeros(1))


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


def test_loaders_for_loops_of_ones_own():
    dataset = Given(SAME_IMAGES["pairs of tensors"])
    assert sum(len(labels) for _, labels in dataset.get_train_loader(batch_size=4)) == 6
    assert [labels.tolist() for _, labels in dataset.get_test_loader(4)] == [[0, 1, 2, 0], [1, 2]]
