"""ConvBlock: convolutions over images."""

from __future__ import annotations

from torch import nn

from csai_core.errors import ConfigError
from csai_neural.activations import Activation, as_setting, make_activation
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import check_sizes, expect_rank
from csai_neural.devices import Device
from csai_neural.errors import ShapeError

KERNEL = 3
FIRST_FILTERS = 8


class ConvBlock(Block):
    """A stack of 3x3 convolutions, from an image (channels, height, width) to a vector.

    Layer i has 8 * 2^i filters (8, 16, 32, …), each followed by the activation. From the third layer on,
    each is followed by a max-pooling that halves height and width. At the end all is laid out flat.

    Args:
        input_shape: (channels, height, width) of the images; None takes what the block before gives.
        num_channels: the images' channels, checked against `input_shape`; None takes it from there.
        depth: how many convolutions. Each doubles the filters; more see larger patterns and cost more.
        padding: "same" keeps the size of the image, "valid" takes off its border, a number adds as many
            cells on each side.
        disable_max_pool: whether to leave the halving out.
        desired_output_size: the size of the vector, reached by one linear layer; None adds no layer.
        activation: a name such as "tanh", a torch.nn class or layer, or a function; None is ReLU.
        device: where the parameters live; None leaves it to the network.

    Raises:
        ConfigError: if a setting cannot work.
        ShapeError: if the image has another number of channels, or is too small for the depth.
        UnknownNameError: if there is no activation of that name.
    """

    def __init__(
        self,
        input_shape: Shape | None = None,
        num_channels: int | None = None,
        depth: int = 3,
        padding: str | int = "same",
        disable_max_pool: bool = False,
        desired_output_size: int | None = None,
        activation: Activation = None,
        device: Device = None,
    ) -> None:
        super().__init__(device)
        self.num_channels = num_channels
        self.depth = depth
        self.padding = padding
        self.disable_max_pool = disable_max_pool
        self.desired_output_size = desired_output_size
        self.activation = as_setting(activation)
        self._check()
        if input_shape is not None:
            self.fit(tuple(int(size) for size in input_shape))

    def build(self, input_shape: Shape) -> Shape:
        """Make the layers for images of shape (channels, height, width)."""
        self._check()
        expect_rank(
            input_shape, 3, "images, of shape (channels, height, width)", "Use a LinearBlock() for vectors"
        )
        channels, *size = input_shape
        if self.num_channels not in (None, channels):
            raise ShapeError(
                f"the image {input_shape} has {channels} channels, and num_channels={self.num_channels} was "
                f"asked for. Say num_channels={channels}, or leave it out"
            )
        layers: list[nn.Module] = []
        for i in range(self.depth):
            filters = FIRST_FILTERS * 2**i
            layers += [
                nn.Conv2d(channels, filters, KERNEL, padding=self.padding),
                make_activation(self.activation, default="relu"),
            ]
            size = self._convolved(size, i, input_shape)
            if self._pools(i):
                layers.append(nn.MaxPool2d(2))
            channels = filters
        self.image_shape: Shape = (channels, *size)
        output_size = channels * size[0] * size[1]
        layers.append(nn.Flatten())
        if self.desired_output_size is not None:
            layers.append(nn.Linear(output_size, self.desired_output_size))
            output_size = self.desired_output_size
        self.num_channels = input_shape[0]
        self.layers = nn.Sequential(*layers)
        return (output_size,)

    def _pools(self, i: int) -> bool:
        return i >= 2 and not self.disable_max_pool

    def _convolved(self, size: list[int], i: int, input_shape: Shape) -> list[int]:
        """Height and width behind convolution i and its pooling."""
        if self.padding != "same":
            border = 0 if self.padding == "valid" else int(self.padding)
            size = [each + 2 * border - KERNEL + 1 for each in size]
        if self._pools(i):
            size = [each // 2 for each in size]
        if min(size) < 1:
            cause = (
                "the max-pooling halves it from the third on" if self._pools(i) else "each takes its border"
            )
            raise ShapeError(
                f"the image {input_shape} is too small for depth={self.depth}: after {i + 1} convolutions "
                f"nothing is left of it, as {cause}. Use depth={max(i, 1)}"
                + (", or disable_max_pool=True" if self._pools(i) else ', or padding="same"')
            )
        return size

    def _check(self) -> None:
        check_sizes("ConvBlock", num_channels=self.num_channels)
        check_sizes("ConvBlock", depth=self.depth)
        check_sizes("ConvBlock", desired_output_size=self.desired_output_size)
        is_number = isinstance(self.padding, int) and not isinstance(self.padding, bool) and self.padding >= 0
        if self.padding not in ("same", "valid") and not is_number:
            raise ConfigError(
                f"ConvBlock was given padding={self.padding!r}; "
                "it must be 'same', 'valid' or a number from 0."
            )
        make_activation(self.activation, default="relu")
