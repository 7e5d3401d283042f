"""ImageNet, and folders in its form: read image by image while training, as they never fit into memory.

Russakovsky et al. 2015, arXiv:1409.0575. Below the root are `train` and `val`, in each a folder for every
class, and in that its images.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from csai_core.errors import ConfigError
from csai_train.datasets.sources.dataset import Dataset, DatasetOrigin
from csai_train.datasets.sources.images import Transform, open_image
from csai_train.datasets.sources.torchvision_import import import_torchvision
from csai_train.errors import MissingFilesError

_RESIZED = 256 / 224
"""Test images are made a little larger than what is then cut out of their middle."""


class ImageNetDataset(Dataset):
    """Images in folders, in ImageNet's form, of any number of classes.

    Training images are cut out at random and mirrored at random, test images are cut out of the middle;
    a transform of your own is done to both. Images are prepared by several processes at once.

    Args:
        root: the folder with `train` and `val`.
        transform: what is done to each image; None takes the above.
        size: height and width of what the network is given.

    Raises:
        MissingFilesError: if the folders are not there, saying how they must look.
        MissingExtraError: if torchvision is not installed.
    """

    streams = True
    """Preparing images one by one is how it is meant."""

    def __init__(
        self, root: str | os.PathLike[str], transform: Transform | None = None, *, size: int = 224
    ) -> None:
        if size < 1:
            raise ConfigError(f"ImageNetDataset was given size={size}; it must be at least 1.")
        self.root = Path(root).expanduser()
        self.size = size
        self.workers = min(8, os.cpu_count() or 1)
        self._own_transform = transform
        super().__init__(DatasetOrigin.IMAGENET, transform)

    @property
    def options(self) -> dict[str, Any] | None:
        """What it is made from again when a run is continued; None where it has a transform of its own."""
        is_own = self._own_transform is not None
        return None if is_own else {"root": str(self.root.absolute()), "size": self.size}

    def _load_data(self) -> None:
        folders = [self.root / name for name in ("train", "val")]
        for folder in folders:
            if not folder.is_dir() or not any(each.is_dir() for each in folder.iterdir()):
                raise MissingFilesError(
                    f"There are no images in {folder}. Put them so: {self.root}/train/CLASS/IMAGE.jpg to "
                    f"learn from, and {self.root}/val/CLASS/IMAGE.jpg to be tested on."
                )
        torchvision = import_torchvision("ImageNet")
        transforms = (self.transform, self._own_transform or self._test_transform())
        try:
            self.trainset, self.testset = (
                torchvision.datasets.ImageFolder(str(folder), transform, loader=open_image)
                for folder, transform in zip(folders, transforms, strict=True)
            )
        except FileNotFoundError as error:  # a class without a single image
            raise MissingFilesError(str(error)) from error
        if self.trainset.classes != self.testset.classes:
            differing = sorted(set(self.trainset.classes) ^ set(self.testset.classes))
            raise MissingFilesError(
                f"{folders[0]} and {folders[1]} must have the same classes; only one of them has {differing}."
            )
        self.classes = tuple(self.trainset.classes)
        self.num_classes = len(self.classes)

    def _default_transform(self) -> Transform:
        """Cut out at random, and mirror at random."""
        v2 = _v2()
        return self._to_numbers([v2.RandomResizedCrop(self.size, antialias=True), v2.RandomHorizontalFlip()])

    def _test_transform(self) -> Transform:
        v2 = _v2()
        return self._to_numbers(
            [v2.Resize(round(self.size * _RESIZED), antialias=True), v2.CenterCrop(self.size)]
        )

    def _to_numbers(self, steps: list[Any]) -> Transform:
        """Those steps, and then numbers from -1 to 1."""
        import torch

        v2 = _v2()
        half = [0.5, 0.5, 0.5]
        end = [v2.ToImage(), v2.ToDtype(torch.float32, scale=True), v2.Normalize(half, half)]
        transform: Transform = v2.Compose([*steps, *end])
        return transform


def _v2() -> Any:
    import_torchvision("ImageNet")
    from torchvision.transforms import v2  # type: ignore[import-not-found, import-untyped, unused-ignore]

    return v2
