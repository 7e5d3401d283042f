"""FlattenBlock: an image or a sequence, laid out as one vector."""

from __future__ import annotations

import math

from torch import nn

from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import check_sizes
from csai_neural.devices import Device
from csai_neural.errors import ShapeError


class FlattenBlock(Block):
    """Lays inputs of any shape out as vectors, in the order of their axes.

    Args:
        output_size: how many numbers that makes; None finds out, a number is checked.
        input_shape: the shape that comes in; None takes what the block before gives.
        device: where the network shall live.

    Raises:
        ConfigError: if the size is no size.
        ShapeError: if the input does not hold `output_size` numbers.
    """

    def __init__(
        self,
        output_size: int | None = None,
        input_shape: Shape | None = None,
        device: Device = None,
    ) -> None:
        super().__init__(device)
        check_sizes("FlattenBlock", output_size=output_size)
        self.output_size = output_size
        if input_shape is not None:
            self.fit(tuple(input_shape))

    def build(self, input_shape: Shape) -> Shape:
        """Count the numbers."""
        size = math.prod(input_shape)
        if self.output_size not in (None, size):
            raise ShapeError(
                f"{input_shape} holds {size} numbers, and output_size={self.output_size} was asked for. "
                "Leave output_size out"
            )
        self.layers = nn.Sequential(nn.Flatten())
        return (size,)
