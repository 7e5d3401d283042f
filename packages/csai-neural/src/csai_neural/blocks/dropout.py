"""DropoutBlock: numbers that are left out at random while a network learns."""

from __future__ import annotations

from torch import nn

from csai_core.errors import ConfigError
from csai_neural.blocks.block import Block, Shape
from csai_neural.devices import Device


class DropoutBlock(Block):
    """Zeroes each number by chance while training, and scales up the rest; in use it does nothing.

    Reference: Srivastava et al. 2014, "Dropout: a simple way to prevent neural networks from overfitting".

    Args:
        probability: the chance of each number to be zeroed. More keeps the network from learning its
            examples by heart, and slows it down; 0.1 to 0.5.
        input_shape: None takes what the block before gives.
        device: where the network shall live.

    Raises:
        ConfigError: if the chance is not from 0 to below 1.
    """

    def __init__(
        self, probability: float = 0.5, input_shape: Shape | None = None, device: Device = None
    ) -> None:
        super().__init__(device)
        if not 0.0 <= probability < 1.0:
            raise ConfigError(
                f"DropoutBlock was given probability={probability}; it must be from 0 to below 1."
            )
        self.probability = probability
        if input_shape is not None:
            self.fit(tuple(input_shape))

    def build(self, input_shape: Shape) -> Shape:
        """Make the layer, which has no weights."""
        self.layers = nn.Sequential(nn.Dropout(self.probability))
        return input_shape
