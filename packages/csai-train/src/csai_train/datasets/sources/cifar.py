"""CIFAR-10 and CIFAR-100: 32x32 color images of things in 10 or 100 classes (Krizhevsky 2009).

They come as pickled dicts, which are read without running what a pickle may hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from csai_core.decoding import in_words
from csai_train.datasets.sources import pickles
from csai_train.datasets.sources.dataset import DatasetOrigin
from csai_train.datasets.sources.downloaded import Decoded, DownloadedDataset, Source
from csai_train.datasets.sources.files import DataFile, FoundFile, Layout

_SHAPE = (3, 32, 32)


def _decode(
    files: Mapping[str, FoundFile],
    train: Sequence[str],
    test: Sequence[str],
    labels: str,
    meta: str,
    names: str,
) -> Decoded:
    arrays = {}
    for part, chosen in (("train", train), ("test", test)):
        found = [_images(files[name], labels) for name in chosen]
        arrays[f"{part}_images"] = np.concatenate([images for images, _ in found])
        arrays[f"{part}_labels"] = np.concatenate([numbers for _, numbers in found])
    return arrays, _classes(files[meta], names) if meta in files else ()


def _classes(file: FoundFile, names: str) -> tuple[str, ...]:
    found = pickles.parse(file).get(names, ())
    if not isinstance(found, (list, tuple)) or not all(isinstance(each, (str, bytes)) for each in found):
        raise file.damaged(f"its {names} are no texts")
    return tuple(each.decode(errors="replace") if isinstance(each, bytes) else each for each in found)


def _images(file: FoundFile, labels: str) -> tuple[Any, Any]:
    """The images of one file, (count, 3, 32, 32), and their labels."""
    batch = pickles.parse(file)
    try:
        images, numbers = batch["data"], batch[labels]
        if not isinstance(images, np.ndarray) or images.dtype != np.uint8:
            raise TypeError("data is no array of bytes")
        if not isinstance(numbers, (list, np.ndarray)) or not all(map(_is_whole, numbers)):
            raise TypeError(f"{labels} are no whole numbers")
        return images.reshape(len(numbers), *_SHAPE), np.asarray(numbers, np.int64)
    except (LookupError, ValueError, TypeError, OverflowError) as error:
        raise file.damaged(
            f"it must hold data, 3,072 bytes for each image, and as many {labels}, but: {in_words(error)}"
        ) from error


def _is_whole(number: Any) -> bool:
    return isinstance(number, (int, np.integer)) and not isinstance(number, bool)


_BATCHES = tuple(f"data_batch_{number}" for number in range(1, 6))

CIFAR10 = Source(
    DatasetOrigin.CIFAR10,
    10,
    Layout(
        (
            DataFile("data_batch_1", 31_035_704, "c99cafc152244af753f735de768cd75f"),
            DataFile("data_batch_2", 31_035_320, "d4bba439e000b95fd0a9bffe97cbabec"),
            DataFile("data_batch_3", 31_035_999, "54ebc095f3ab1f0389bbae665268c751"),
            DataFile("data_batch_4", 31_035_696, "634d18415352ddfa80567beed471001a"),
            DataFile("data_batch_5", 31_035_623, "482c414d41f54cd18b22e5b47cb7c3cb"),
            DataFile("test_batch", 31_035_526, "40351d587109b95175f43aff81a1287e"),
            DataFile("batches.meta", 158, "5ff9c542aee3614f3951f8cda6e48888", is_optional=True),
        ),
        ("cifar-10-batches-py", "."),
        DataFile("cifar-10-python.tar.gz", 170_498_071, "c58f30108f718f92721af3b95e74349a"),
    ),
    lambda files: _decode(files, _BATCHES, ["test_batch"], "labels", "batches.meta", "label_names"),
    "CIFAR10",
)
CIFAR100 = Source(
    DatasetOrigin.CIFAR100,
    100,
    Layout(
        (
            DataFile("train", 155_249_918, "16019d7e3df5f24257cddd939b257f8d"),
            DataFile("test", 31_049_908, "f0ef6b0ae62326f3e7ffdfab6717acfc"),
            DataFile("meta", 1_629, "7973b15100ade9c7d40fb424638fde48", is_optional=True),
        ),
        ("cifar-100-python", "."),
        DataFile("cifar-100-python.tar.gz", 169_001_437, "eb9058c3a382ffc7106e4002c42a8d85"),
    ),
    lambda files: _decode(files, ["train"], ["test"], "fine_labels", "meta", "fine_label_names"),
    "CIFAR100",
)


class CIFAR10Dataset(DownloadedDataset):
    """Color images of ten kinds of animals and vehicles: 50,000 to learn from, 10,000 to be tested on.

    Args:
        transform: what is done to each image; None makes numbers from -1 to 1 of it, many at once.
        root: the folder with cifar-10-batches-py or cifar-10-python.tar.gz; None takes the variable
            CSAI_DATA, or ~/.cache/csai/datasets.
        download: whether to fetch files that are not there.

    Raises:
        MissingFilesError: if files are missing and cannot be downloaded, saying which and where to put them.
        DamagedFileError: if one is cut short or altered, naming it.
    """

    source: ClassVar[Source] = CIFAR10


class CIFAR100Dataset(DownloadedDataset):
    """Color images in a hundred classes: 50,000 to learn from, 10,000 to be tested on.

    Args:
        transform: as of CIFAR10Dataset.
        root: as of CIFAR10Dataset, with cifar-100-python or cifar-100-python.tar.gz.
        download: as of CIFAR10Dataset.

    Raises:
        MissingFilesError, DamagedFileError: as CIFAR10Dataset.
    """

    source: ClassVar[Source] = CIFAR100
