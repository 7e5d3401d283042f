"""Augmentation by the batch: each image moved, mirrored or partly hidden in its own way.

What is drawn comes from the generator that is passed in, so the same epoch is always augmented in
the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Generator, Tensor

_PADDING_SHARE = 8
"""Images move by up to an eighth of their size, which is four pixels of 32."""
_HOLE_SHARE = 4
"""A hole is a quarter as wide and as high as the image."""
_GRAY = 128


def crop(images: Tensor, generator: Generator) -> Tensor:
    """Move each image by up to an eighth of its size; what comes in at an edge is mirrored there.

    Args:
        images: (batch, channels, height, width).
        generator: draws by how much.
    """
    batch, _, height, width = images.shape
    rows = _moved(height, batch, generator).to(images.device)
    columns = _moved(width, batch, generator).to(images.device)
    which = torch.arange(batch, device=images.device)[:, None, None]
    # Channels last while indexing: all channels of a pixel move together.
    moved = images.movedim(1, -1)[which, rows[:, :, None], columns[:, None, :]]
    return moved.movedim(-1, 1).contiguous()


def flip(images: Tensor, generator: Generator) -> Tensor:
    """Mirror half of the images, left to right: (batch, channels, height, width)."""
    chosen = torch.rand(len(images), generator=generator) < 0.5
    return torch.where(chosen.to(images.device)[:, None, None, None], images.flip(-1), images)


def cutout(images: Tensor, generator: Generator) -> Tensor:
    """Hide a square of each image behind gray, at any place: (batch, channels, height, width).

    Reference: DeVries and Taylor 2017, arXiv:1708.04552.
    """
    batch, _, height, width = images.shape
    rows = _within_hole(height, batch, generator).to(images.device)
    columns = _within_hole(width, batch, generator).to(images.device)
    hole = rows[:, None, :, None] & columns[:, None, None, :]
    gray = _GRAY if images.dtype == torch.uint8 else 0
    return images.masked_fill(hole, gray)


def chain(names: Sequence[str]) -> Callable[[Tensor, Generator], Tensor] | None:
    """Several augmentations by name, one after the other; None for none."""
    steps = [{"crop": crop, "flip": flip, "cutout": cutout}[name] for name in names]
    if not steps:
        return None

    def augment(images: Tensor, generator: Generator) -> Tensor:
        for step in steps:
            images = step(images, generator)
        return images

    return augment


def _moved(size: int, batch: int, generator: Generator) -> Tensor:
    """For each image, where each of its rows (or columns) comes from: (batch, size)."""
    most = max(1, size // _PADDING_SHARE) if size > 1 else 0
    shift = torch.randint(-most, most + 1, (batch, 1), generator=generator)
    places = (torch.arange(size) + shift).abs()
    return torch.where(places >= size, 2 * (size - 1) - places, places)


def _within_hole(size: int, batch: int, generator: Generator) -> Tensor:
    """For each image, which of its rows (or columns) lie in its hole: (batch, size)."""
    length = max(1, size // _HOLE_SHARE)
    start = torch.randint(0, size - length + 1, (batch, 1), generator=generator)
    places = torch.arange(size)
    return (places >= start) & (places < start + length)
