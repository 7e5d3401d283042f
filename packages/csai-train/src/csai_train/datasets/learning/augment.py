"""Augmentation by the batch: each picture moved, mirrored or partly hidden in its own way.

What is drawn comes from the generator that is passed in, so the same pass over the examples is always
augmented in the same way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Generator, Tensor

_PADDING_SHARE = 8
"""Pictures move by up to an eighth of their size, which is four pixels of 32."""
_HOLE_SHARE = 4
"""A hole is a quarter as wide and as high as the picture."""
_GREY = 128


def crop(pictures: Tensor, generator: Generator) -> Tensor:
    """Move each picture by up to an eighth of its size; what comes in at an edge is mirrored there.

    Args:
        pictures: (batch, channels, height, width).
        generator: draws by how much.
    """
    batch, _, height, width = pictures.shape
    rows = _moved(height, batch, generator).to(pictures.device)
    columns = _moved(width, batch, generator).to(pictures.device)
    which = torch.arange(batch, device=pictures.device)[:, None, None]
    # Channels last while indexing: all channels of a pixel move together.
    moved = pictures.movedim(1, -1)[which, rows[:, :, None], columns[:, None, :]]
    return moved.movedim(-1, 1).contiguous()


def flip(pictures: Tensor, generator: Generator) -> Tensor:
    """Mirror half of the pictures, left to right: (batch, channels, height, width)."""
    chosen = torch.rand(len(pictures), generator=generator) < 0.5
    return torch.where(chosen.to(pictures.device)[:, None, None, None], pictures.flip(-1), pictures)


def cutout(pictures: Tensor, generator: Generator) -> Tensor:
    """Hide a square of each picture behind grey, at any place: (batch, channels, height, width).

    Reference: DeVries and Taylor 2017, arXiv:1708.04552.
    """
    batch, _, height, width = pictures.shape
    rows = _within_hole(height, batch, generator).to(pictures.device)
    columns = _within_hole(width, batch, generator).to(pictures.device)
    hole = rows[:, None, :, None] & columns[:, None, None, :]
    grey = _GREY if pictures.dtype == torch.uint8 else 0
    return pictures.masked_fill(hole, grey)


def chain(names: Sequence[str]) -> Callable[[Tensor, Generator], Tensor] | None:
    """Several augmentations by name, one after the other; None for none."""
    steps = [{"crop": crop, "flip": flip, "cutout": cutout}[name] for name in names]
    if not steps:
        return None

    def augment(pictures: Tensor, generator: Generator) -> Tensor:
        for step in steps:
            pictures = step(pictures, generator)
        return pictures

    return augment


def _moved(size: int, batch: int, generator: Generator) -> Tensor:
    """For each picture, where each of its rows (or columns) comes from: (batch, size)."""
    most = max(1, size // _PADDING_SHARE) if size > 1 else 0
    shift = torch.randint(-most, most + 1, (batch, 1), generator=generator)
    places = (torch.arange(size) + shift).abs()
    return torch.where(places >= size, 2 * (size - 1) - places, places)


def _within_hole(size: int, batch: int, generator: Generator) -> Tensor:
    """For each picture, which of its rows (or columns) lie in its hole: (batch, size)."""
    length = max(1, size // _HOLE_SHARE)
    start = torch.randint(0, size - length + 1, (batch, 1), generator=generator)
    places = torch.arange(size)
    return (places >= start) & (places < start + length)
