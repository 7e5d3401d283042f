"""NormBlock: brings numbers to mean 0 and deviation 1."""

from __future__ import annotations

from typing import Literal

from torch import Tensor, nn

from csai_core.errors import UnknownNameError
from csai_neural.blocks.block import Block, Shape
from csai_neural.devices import Device
from csai_neural.errors import ForwardError, ShapeError

METHODS = ("layer", "batch")


class NormBlock(Block):
    """Normalizes, then scales and shifts by learned numbers; the shape stays as it is.

    Args:
        method: "layer" looks at all numbers of one input (Ba et al. 2016, arXiv:1607.06450) and does
            the same in training and use. "batch" looks at one feature or channel over the whole batch
            (Ioffe and Szegedy 2015, arXiv:1502.03167), and keeps running averages for use.
        input_shape: None takes what the block before gives.
        device: where the parameters live; None leaves it to the network.

    Raises:
        UnknownNameError: if there is no such method.
    """

    def __init__(
        self,
        method: Literal["layer", "batch"] = "layer",
        input_shape: Shape | None = None,
        device: Device = None,
    ) -> None:
        super().__init__(device)
        if method not in METHODS:
            raise UnknownNameError.of("method of NormBlock", method, METHODS)
        self.method = method
        if input_shape is not None:
            self.fit(tuple(input_shape))

    def build(self, input_shape: Shape) -> Shape:
        """Make the layer."""
        if not input_shape:
            raise ShapeError("it takes inputs with at least one axis. Put a FlattenBlock() before it")
        if self.method == "layer":
            self.norm: nn.Module = nn.LayerNorm(input_shape)
        elif len(input_shape) == 1:
            self.norm = nn.BatchNorm1d(input_shape[0])
        elif len(input_shape) == 3:
            self.norm = nn.BatchNorm2d(input_shape[0])
        else:
            raise ShapeError('method="batch" takes vectors and images. Use method="layer"')
        return input_shape

    def forward(self, x: Tensor) -> Tensor:
        """Normalized numbers, of the shape of `x`: (batch, *input_shape).

        Raises:
            ForwardError: if batch statistics are to be taken of a single number.
        """
        if self.method == "batch" and self.training and x[:, 0].numel() <= 1:
            raise ForwardError(
                f"{self.title} cannot take the statistics of a batch of {x.shape[0]}. Give it a larger "
                'batch, call net.eval() before use, or use method="layer".'
            )
        result: Tensor = self.norm(x)
        return result
