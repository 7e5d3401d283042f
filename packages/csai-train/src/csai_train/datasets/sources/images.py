"""Images as they are kept: bytes in one tensor, with a number for what each of them shows."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from csai_core.decoding import decoding, read_bytes
from csai_train.errors import DamagedFileError, InvalidDataError

Transform = Callable[[Any], Any]


LARGEST_FILE = 2**28
"""Bytes of the file of an image."""


def open_image(path: str) -> Image.Image:
    """The image in a file, in color.

    Raises:
        DamagedFileError: if there is none, or it is cut short, damaged, or far larger than any photograph.
    """
    with decoding(path, DamagedFileError, "Put a whole image in its place, or delete it."):
        image: Image.Image = Image.open(io.BytesIO(read_bytes(path, at_most=LARGEST_FILE))).convert("RGB")
    return image


class Rescale:
    """The default transform: bytes from 0 to 255 become numbers from -1 to 1.

    It takes one image, or a batch of them at once, which is what makes training fast.
    """

    def __call__(self, image: Any) -> Tensor:
        """An image, as PIL gives it or as an array, as numbers: (channels, height, width)."""
        if isinstance(image, Image.Image):
            image = np.asarray(image)
            image = image[..., None] if image.ndim == 2 else image
            image = np.moveaxis(image, -1, 0)
        return self.batch(torch.as_tensor(np.array(image)))

    def batch(self, images: Tensor) -> Tensor:
        """Bytes of any shape as numbers of that shape."""
        # In one operation, which reads bytes and writes floats.
        return torch.add(torch.tensor(-1.0, device=images.device), images, alpha=2 / 255)

    def __repr__(self) -> str:
        return "Rescale()"


class ImageSet:
    """A set of images; `images[i]` is (the transformed image, its label).

    Args:
        images: (count, channels, height, width), bytes; one channel is gray, three are red, green, blue.
        labels: (count,), integers.
        transform: what is done to each image. What is not a `Rescale` is given a PIL image, as
            torchvision gives it.
        classes: what the labels mean, in order.
        name: what errors call the set.

    Raises:
        InvalidDataError: if there is no image, or the tensors are of other shapes or types.
    """

    def __init__(
        self,
        images: Tensor,
        labels: Tensor,
        transform: Transform,
        classes: tuple[str, ...] = (),
        name: str = "the dataset",
    ) -> None:
        if images.dtype != torch.uint8 or images.ndim != 4:
            raise InvalidDataError(
                f"The images of {name} have shape {tuple(images.shape)} and dtype {images.dtype}; they "
                "must be bytes (torch.uint8) of shape (count, channels, height, width)."
            )
        if len(images) != len(labels):
            raise InvalidDataError(f"There are {len(images):,} images and {len(labels):,} labels in {name}.")
        if not len(images):
            raise InvalidDataError(f"There is no image in {name}.")
        self.images = images
        self.labels = labels.to(torch.int64)
        self.transform = transform
        self.classes = classes
        self.name = name

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Any, int]:
        label = int(self.labels[index])
        if isinstance(self.transform, Rescale):
            return self.transform.batch(self.images[index]), label
        return self.transform(self.as_image(index)), label

    def as_image(self, index: int) -> Image.Image:
        """One image, as PIL shows it."""
        array = self.images[index].numpy()
        return Image.fromarray(array[0] if len(array) == 1 else np.moveaxis(array, 0, -1))

    def __repr__(self) -> str:
        return f"{len(self):,} images of {tuple(self.images.shape[1:])}, {self.transform}"
