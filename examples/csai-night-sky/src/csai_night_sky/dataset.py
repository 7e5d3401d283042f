"""The dataset: which constellation is it?"""

from __future__ import annotations

import numpy as np
from csai_core.arguments import check_int, check_seed
from numpy.typing import NDArray

from csai_night_sky.stars import CONSTELLATIONS, picture, turned

SIZE = 24
"""Pixels along each side of a picture."""
Examples = tuple[NDArray[np.float32], NDArray[np.int64]]
"""Pictures, (number, 1, SIZE, SIZE), from 0 to 1, and labels, (number,)."""


class ConstellationsDataset:
    """Pictures of five constellations, each turned, shifted, near or far, and among other stars.

    Args:
        size: how many pictures; one of five is for testing.
        strays: how many other stars there are in each. More of them make it harder; usual 0 to 6.
        seed: decides what the sky looks like.

    Attributes:
        trainset, testset: pictures and labels.
        num_classes: five.
        classes: the names of the constellations.

    Raises:
        ConfigError: if a number cannot work.
    """

    def __init__(self, size: int = 2000, strays: int = 3, seed: int = 0) -> None:
        size = check_int("ConstellationsDataset", "size", size, least=10)
        strays = check_int("ConstellationsDataset", "strays", strays, least=0)
        self.classes = tuple(CONSTELLATIONS)
        self.num_classes = len(self.classes)
        random = np.random.default_rng(check_seed("ConstellationsDataset", seed))
        labels = random.integers(self.num_classes, size=size)
        pictures = np.stack([_sky(self.classes[label], strays, random) for label in labels])
        part = size * 4 // 5
        self.trainset: Examples = pictures[:part], labels[:part]
        self.testset: Examples = pictures[part:], labels[part:]


def _sky(name: str, strays: int, random: np.random.Generator) -> NDArray[np.float32]:
    """A picture with a constellation somewhere in it, (1, SIZE, SIZE)."""
    points = turned(CONSTELLATIONS[name], random.uniform(-0.4, 0.4))
    points = points * random.uniform(0.5, 0.8) + random.uniform(-0.2, 0.2, 2)
    others = random.uniform(-1, 1, (strays, 2))
    brightness = random.uniform(0.6, 1.0, len(points) + strays)
    return picture(np.concatenate([points, others]), brightness, SIZE)[None]
