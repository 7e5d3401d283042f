"""Datasets that come as files: found or fetched, checked, decoded once, and kept decoded."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import torch

from csai_core.errors import CsaiError, MissingExtraError
from csai_train.datasets.sources import cache
from csai_train.datasets.sources.dataset import Dataset, DatasetOrigin
from csai_train.datasets.sources.files import DataFile, FoundFile, Layout, digest, listed
from csai_train.datasets.sources.images import ImageSet, Rescale, Transform
from csai_train.datasets.sources.torchvision_import import import_torchvision
from csai_train.errors import MissingFilesError

Root = str | os.PathLike[str] | None
Decoded = tuple[cache.Arrays, tuple[str, ...]]
"""train_images, train_labels, test_images and test_labels; and the names of the classes."""


@dataclass(frozen=True)
class Source:
    """A published dataset."""

    origin: DatasetOrigin
    num_classes: int
    layout: Layout
    decode: Callable[[Mapping[str, FoundFile]], Decoded]
    torchvision_class: str
    """What of torchvision downloads it."""

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.origin.value)


class DownloadedDataset(Dataset):
    """A dataset that comes as files; a subclass says which.

    Args:
        transform: what is done to each image; None takes the default.
        root: the folder of the files.
        download: whether to fetch files that are not there.
    """

    source: ClassVar[Source]

    def __init__(self, transform: Transform | None = None, root: Root = None, download: bool = True) -> None:
        self.root = default_root() if root is None else Path(root).expanduser()
        self.download = download
        self.key = ""
        """A digest of the files that were read."""
        super().__init__(self.source.origin, transform)

    @property
    def options(self) -> dict[str, Any] | None:
        """What it is made from again when a run is continued; None where it has a transform of its own."""
        return {"root": str(self.root.absolute())} if isinstance(self.transform, Rescale) else None

    @classmethod
    def is_here(cls, root: Root = None) -> bool:
        """Whether its files are there, so that it can be used without a network."""
        folder = default_root() if root is None else Path(root).expanduser()
        layout = cls.source.layout
        return not layout.missing(layout.find(folder)) or layout.archive_in(folder) is not None

    def _load_data(self) -> None:
        contents = _contents(self.source, self.root, download=self.download)
        self.key = digest(contents)
        arrays, self.classes = _decoded(self.source, self.root, self.key, contents)
        transform = self.transform or self._default_transform() or Rescale()
        self.trainset, self.testset = (
            ImageSet(
                _tensor(arrays[f"{part}_images"]),
                _tensor(arrays[f"{part}_labels"]),
                transform,
                self.classes,
                name=f"the {word} set of {self.name} in {self.root}",
            )
            for part, word in (("train", "training"), ("test", "test"))
        )
        self.num_classes = self.source.num_classes


def default_root() -> Path:
    """Where datasets are kept that are not told: the variable CSAI_DATA, or a folder of the user's."""
    return Path(os.environ.get("CSAI_DATA") or Path.home() / ".cache" / "csai" / "datasets")


def _contents(source: Source, root: Path, *, download: bool) -> dict[str, FoundFile]:
    """The files of a dataset, fetched if need be."""
    contents = source.layout.read(root)
    missing = source.layout.missing(contents)
    if missing:
        _download(source, root, missing, wanted=download)
        contents = source.layout.read(root)
    return contents


def _decoded(source: Source, root: Path, key: str, contents: Mapping[str, FoundFile]) -> Decoded:
    """What is in the files, out of the cache if it is there."""
    path = cache.path_of(root, source.name, key)
    decoded = cache.load(path)
    if decoded is None:
        decoded = source.decode(contents)
        cache.save(path, *decoded)
    return decoded


def _tensor(array: np.ndarray[tuple[int, ...], np.dtype[np.generic]]) -> torch.Tensor:
    return torch.from_numpy(array if array.flags.writeable else array.copy())


def _download(source: Source, folder: Path, missing: list[DataFile], *, wanted: bool) -> None:
    where = folder / source.layout.folders[0]
    advice = (
        f"Put these files into {where}: {listed(missing)}. Where you have them elsewhere, say where: root=…, "
        f"the folder that holds {source.layout.folders[0]}, or the files themselves."
    )
    if not wanted:
        raise MissingFilesError(f"The dataset {source.name} is not in {folder}, and download=False. {advice}")
    try:
        torchvision = import_torchvision(f"Downloading {source.name}")
        getattr(torchvision.datasets, source.torchvision_class)(str(folder), train=False, download=True)
    except MissingExtraError as error:
        raise MissingFilesError(f"The dataset {source.name} is not in {folder}. {error} {advice}") from error
    except CsaiError:
        raise
    except (OSError, RuntimeError, EOFError, ValueError) as error:
        raise MissingFilesError(
            f"The dataset {source.name} is not in {folder} and could not be downloaded: "
            f"{str(error).strip().rstrip('.')}. {advice}"
        ) from error
