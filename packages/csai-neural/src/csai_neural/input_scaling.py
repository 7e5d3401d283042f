"""How observations are scaled before a network that was trained so: for who takes it elsewhere."""

from __future__ import annotations

from typing import Any, Protocol

import torch
from numpy.typing import ArrayLike
from torch import Tensor


class InputScale:
    """Brings the numbers of one Box to mean 0 and deviation 1.

    Args:
        mean: of the shape of the Box.
        deviation: likewise.
        largest: what is scaled is cut off here, on both sides.
    """

    def __init__(self, mean: ArrayLike, deviation: ArrayLike, largest: float) -> None:
        self.mean = torch.as_tensor(mean, dtype=torch.float32)
        self.deviation = torch.as_tensor(deviation, dtype=torch.float32)
        self.largest = largest

    def __call__(self, x: Tensor) -> Tensor:
        """(batch, *shape of the Box), scaled."""
        return ((x - self.mean) / self.deviation).clamp(-self.largest, self.largest)


class InputScaling(Protocol):
    """Scales observations, and learns how while a network is trained."""

    def scales(self) -> Any:
        """How each Box is scaled now: an `InputScale`, a dict or tuple of such, None where nothing is."""
