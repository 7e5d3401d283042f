"""OutputBlock: the last layer of a network."""

from __future__ import annotations

from typing import ClassVar

from torch import nn

from csai_core.errors import ConfigError
from csai_neural.activations import Activation, as_setting, make_activation
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import VECTOR_MEND, check_sizes, expect_rank, make_layer
from csai_neural.devices import Device

Identity = nn.Identity


class OutputBlock(Block):
    """One linear layer, from (input_size,) to (num_classes,).

    Args:
        input_size: how many numbers come in; None takes what the block before gives.
        num_classes: how many go out: one per action, class or quantity.
        activation: what is done to the numbers; by default nothing, which suits logits and values.
        device: where the parameters live; None leaves it to the network.

    Raises:
        ConfigError: if a size cannot work.
        UnknownNameError: if there is no activation of that name.
    """

    is_last: ClassVar[bool] = True

    def __init__(
        self,
        input_size: int | None = None,
        num_classes: int | None = None,
        activation: Activation = Identity,
        device: Device = None,
    ) -> None:
        super().__init__(device)
        if num_classes is None:
            raise ConfigError("OutputBlock needs num_classes: how many numbers the network shall give.")
        check_sizes("OutputBlock", input_size=input_size)
        check_sizes("OutputBlock", num_classes=num_classes)
        self.num_classes = num_classes
        self.activation = as_setting(activation)
        make_activation(activation, default="identity")
        if input_size is not None:
            self.fit((input_size,))

    def build(self, input_shape: Shape) -> Shape:
        """Make the layer for vectors of shape (input_size,)."""
        expect_rank(input_shape, 1, "vectors, of shape (size,)", VECTOR_MEND)
        layers: list[nn.Module] = [make_layer(nn.Linear, input_shape[0], self.num_classes)]
        activation = make_activation(self.activation, default="identity")
        if not isinstance(activation, nn.Identity):
            layers.append(activation)
        self.layers = nn.Sequential(*layers)
        return (self.num_classes,)
