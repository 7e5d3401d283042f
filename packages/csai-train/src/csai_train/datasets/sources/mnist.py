"""MNIST, handwritten digits, and Fashion-MNIST, pieces of clothing: 28x28 gray images in ten classes.

LeCun, Cortes and Burges 1998; Xiao, Rasul and Vollgraf 2017 (arXiv:1708.07747). Both come as four IDX files;
any other images in that form, of whatever size, are read just as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from csai_train.datasets.sources import idx
from csai_train.datasets.sources.cache import Arrays
from csai_train.datasets.sources.dataset import DatasetOrigin
from csai_train.datasets.sources.downloaded import Decoded, DownloadedDataset, Source
from csai_train.datasets.sources.files import DataFile, FoundFile, Layout
from csai_train.errors import InvalidDataError

_DIGITS = tuple("0123456789")
_CLOTHES = (
    "T-shirt",
    "trousers",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)


def _decode(files: Mapping[str, FoundFile], classes: tuple[str, ...]) -> Decoded:
    arrays: Arrays = {}
    for part, name in (("train", "train"), ("test", "t10k")):
        images, labels = files[f"{name}-images-idx3-ubyte.gz"], files[f"{name}-labels-idx1-ubyte.gz"]
        arrays[f"{part}_images"] = idx.parse(images, 3)[:, None]
        arrays[f"{part}_labels"] = idx.parse(labels, 1)
        if len(arrays[f"{part}_images"]) != len(arrays[f"{part}_labels"]):
            raise InvalidDataError(
                f"{images.path} holds {len(arrays[f'{part}_images']):,} images, and {labels.path} "
                f"{len(arrays[f'{part}_labels']):,} labels."
            )
    return arrays, classes


def _source(
    origin: DatasetOrigin, torchvision_class: str, classes: tuple[str, ...], files: tuple[DataFile, ...]
) -> Source:
    return Source(
        origin,
        len(classes),
        Layout(files, (f"{torchvision_class}/raw", "raw", torchvision_class, ".")),
        lambda files: _decode(files, classes),
        torchvision_class,
    )


MNIST = _source(
    DatasetOrigin.MNIST,
    "MNIST",
    _DIGITS,
    (
        DataFile("train-images-idx3-ubyte.gz", 9_912_422, "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
        DataFile("train-labels-idx1-ubyte.gz", 28_881, "d53e105ee54ea40749a09fcbcd1e9432"),
        DataFile("t10k-images-idx3-ubyte.gz", 1_648_877, "9fb629c4189551a2d022fa330f9573f3"),
        DataFile("t10k-labels-idx1-ubyte.gz", 4_542, "ec29112dd5afa0611ce80d1b7f02629c"),
    ),
)
FASHION_MNIST = _source(
    DatasetOrigin.FASHION_MNIST,
    "FashionMNIST",
    _CLOTHES,
    (
        DataFile("train-images-idx3-ubyte.gz", 26_421_880, "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
        DataFile("train-labels-idx1-ubyte.gz", 29_515, "25c81989df183df01b3e8a0aad5dffbe"),
        DataFile("t10k-images-idx3-ubyte.gz", 4_422_102, "bef4ecab320f06d8554ea6380940ec79"),
        DataFile("t10k-labels-idx1-ubyte.gz", 5_148, "bb300cfdad3c16e7a12a480ee83cd310"),
    ),
)


class MNISTDataset(DownloadedDataset):
    """Handwritten digits: 60,000 to learn from, 10,000 to be tested on.

    Args:
        transform: what is done to each image; None makes numbers from -1 to 1 of it, many at once.
        root: the folder with the files, or with the folder MNIST/raw that holds them; None takes the
            variable CSAI_DATA, or ~/.cache/csai/datasets.
        download: whether to fetch files that are not there.

    Raises:
        MissingFilesError: if files are missing and cannot be downloaded, saying which and where to put them.
        DamagedFileError: if one is cut short or altered, naming it.
    """

    source: ClassVar[Source] = MNIST


class FashionMNISTDataset(DownloadedDataset):
    """Pieces of clothing: 60,000 to learn from, 10,000 to be tested on. Harder than digits.

    Args:
        transform: as of MNISTDataset.
        root: as of MNISTDataset, with the folder FashionMNIST/raw.
        download: as of MNISTDataset.

    Raises:
        MissingFilesError, DamagedFileError: as MNISTDataset.
    """

    source: ClassVar[Source] = FASHION_MNIST
