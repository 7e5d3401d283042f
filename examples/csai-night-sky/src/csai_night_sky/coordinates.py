"""The block: tells convolutions where they look."""

from __future__ import annotations

import torch
from csai_neural import Block
from csai_neural.errors import ShapeError
from torch import Tensor


class CoordinatesBlock(Block):
    """Adds two channels to an image, which say how far right and how far down each pixel is, from -1 to 1.

    A convolution sees the same everywhere; with these it can tell an upper star from a lower one. From
    (channels, height, width) to (channels + 2, height, width).

    Args:
        device: where it computes; None leaves it to the network.

    Reference: Liu et al. 2018, "An intriguing failing of convolutional neural networks and the CoordConv
    solution", arXiv:1807.03247.
    """

    def __init__(self, device: str | None = None) -> None:
        super().__init__(device)

    def build(self, input_shape: tuple[int, ...]) -> tuple[int, ...]:
        """Make the two channels."""
        if len(input_shape) != 3:
            raise ShapeError("it takes images, (channels, height, width)")
        channels, height, width = input_shape
        down, right = torch.meshgrid(_from_edge_to_edge(height), _from_edge_to_edge(width), indexing="ij")
        self.register_buffer("place", torch.stack([right, down]), persistent=False)
        return (channels + 2, height, width)

    def forward(self, x: Tensor) -> Tensor:
        """From (batch, channels, height, width) to (batch, channels + 2, height, width)."""
        place: Tensor = self.get_buffer("place").to(x.dtype)
        return torch.cat([x, place.expand(len(x), *place.shape)], dim=1)


def _from_edge_to_edge(count: int) -> Tensor:
    """(count,), from -1 to 1; 0 where there is but one."""
    return torch.linspace(-1, 1, count) if count > 1 else torch.zeros(1)
