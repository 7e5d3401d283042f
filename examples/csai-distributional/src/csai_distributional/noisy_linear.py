"""NoisyLinearBlock: a fully connected layer that explores by the noise of its weights."""

from __future__ import annotations

import math

import torch
from csai_core.arguments import check_int
from csai_core.errors import ConfigError
from csai_neural import Block
from csai_neural.errors import ShapeError
from torch import Tensor, nn

Shape = tuple[int, ...]


class NoisyLinearBlock(Block):
    """A layer from (input_size,) to (output_size,) whose weights are noisy while it trains.

    How noisy each weight is, is learned too: where the layer has nothing left to find out, the noise dies
    down by itself. In use, out of training, there is none. The noise is factorized: one number for each input
    and one for each output, new in every pass.

    Args:
        output_size: how many numbers go out.
        deviation: of the noise at the start, in units of 1 / sqrt(input_size). More explores more at first.

    Raises:
        ConfigError: if a number cannot work.

    Reference: Fortunato et al. 2018, "Noisy networks for exploration", arXiv:1706.10295, equations 9 to 11.
    """

    def __init__(self, output_size: int = 64, deviation: float = 0.5) -> None:
        super().__init__()
        self.output_size: int = check_int("NoisyLinearBlock", "output_size", output_size, 1)
        if not (deviation > 0 and math.isfinite(deviation)):
            raise ConfigError(f"NoisyLinearBlock was given deviation={deviation}; it must be above 0.")
        self.deviation = deviation

    def build(self, input_shape: Shape) -> Shape:
        """Make the weights and their deviations for vectors."""
        if len(input_shape) != 1:
            raise ShapeError("it takes vectors, of shape (size,); put a FlattenBlock() before it")
        (size,) = input_shape
        largest = 1 / math.sqrt(size)
        shapes = (self.output_size, size), (self.output_size,)
        self.weight, self.bias = (
            nn.Parameter(torch.empty(shape).uniform_(-largest, largest)) for shape in shapes
        )
        self.weight_deviation, self.bias_deviation = (
            nn.Parameter(torch.full(shape, self.deviation * largest)) for shape in shapes
        )
        return (self.output_size,)

    def forward(self, x: Tensor) -> Tensor:
        """From (batch, input_size) to (batch, output_size)."""
        if not self.training:
            return nn.functional.linear(x, self.weight, self.bias)
        of_inputs, of_outputs = (_scaled(torch.randn(size, device=x.device)) for size in self._sizes())
        weight = self.weight + self.weight_deviation * torch.outer(of_outputs, of_inputs)
        return nn.functional.linear(x, weight, self.bias + self.bias_deviation * of_outputs)

    def _sizes(self) -> tuple[int, int]:
        return self.weight.shape[1], self.weight.shape[0]


def _scaled(noise: Tensor) -> Tensor:
    """The paper's f(x) = sign(x) sqrt(|x|), whose outer product is about as large as the noise."""
    return noise.sign() * noise.abs().sqrt()
