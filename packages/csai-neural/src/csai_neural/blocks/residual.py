"""ResidualBlock: two layers whose result is added to what came in."""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

from csai_neural.activations import Activation, as_setting, make_activation
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import check_sizes, make_layer
from csai_neural.devices import Device
from csai_neural.errors import ShapeError


class ResidualBlock(Block):
    """x + f(x), where f is twice an activation and a layer; the shape stays as it is.

    The layers are linear for vectors and 3x3 convolutions for images. The activation comes first, so
    that the sum passes through untouched (He et al. 2016, arXiv:1603.05027).

    Args:
        hidden_size: the size, or number of filters, between the two layers; None is that of the input.
        activation: a name such as "tanh", a torch.nn class or layer, or a function; None is ReLU.
        input_shape: (size,) or (channels, height, width); None takes what the block before gives.
        device: where the parameters live; None leaves it to the network.

    Raises:
        ConfigError: if the size cannot work.
        UnknownNameError: if there is no activation of that name.
    """

    def __init__(
        self,
        hidden_size: int | None = None,
        activation: Activation = None,
        input_shape: Shape | None = None,
        device: Device = None,
    ) -> None:
        super().__init__(device)
        check_sizes("ResidualBlock", hidden_size=hidden_size)
        make_activation(activation, default="relu")
        self.hidden_size = hidden_size
        self.activation = as_setting(activation)
        if input_shape is not None:
            self.fit(tuple(input_shape))

    def build(self, input_shape: Shape) -> Shape:
        """Make the layers for vectors or images."""
        if len(input_shape) not in (1, 3):
            raise ShapeError(
                "it takes vectors, of shape (size,), or images, of shape (channels, height, width). "
                "Put a FlattenBlock() before it"
            )
        size = input_shape[0]
        hidden = size if self.hidden_size is None else self.hidden_size
        self.layers = nn.Sequential(
            make_activation(self.activation, default="relu"),
            _layer(size, hidden, input_shape),
            make_activation(self.activation, default="relu"),
            _layer(hidden, size, input_shape),
        )
        return input_shape

    def forward(self, x: Tensor) -> Tensor:
        """X + f(x), of the shape of `x`: (batch, *input_shape)."""
        change: Tensor = super().forward(x)
        return x + change


def _layer(size: int, next_size: int, input_shape: Shape) -> Any:
    if len(input_shape) == 1:
        return make_layer(nn.Linear, size, next_size)
    return make_layer(nn.Conv2d, size, next_size, kernel_size=3, padding=1)
