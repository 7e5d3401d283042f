"""ConvBlock: convolutions over images."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from csai_core.errors import ConfigError
from csai_neural.activations import Activation, as_setting, make_activation
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import check_layers, check_sizes, expect_rank, make_layer
from csai_neural.devices import Device
from csai_neural.errors import ShapeError

FIRST_CHANNELS = 8
DEFAULT_DEPTH = 3

Padding = str | int


class ConvBlock(Block):
    """A stack of convolutions, from an image (channels, height, width) to a vector.

    Unless told otherwise they are 3x3, and layer i gives 8 * 2^i channels (8, 16, 32, …), each followed by
    the activation. From the third layer on, each is followed by a max-pooling that halves height and width.
    At the end all is laid out flat. Every setting of a layer can be one number for all layers, or a list.

    Args:
        input_shape: (channels, height, width) of the images; None takes what the block before gives.
        num_channels: the images' channels, checked against `input_shape`; None takes it from there.
        depth: how many convolutions. Each doubles the channels; more see larger patterns and cost more.
            None is as many as the lists have, or three.
        padding: "same" keeps the size of the image, but for the stride, and for one cell with kernels of
            even size; "valid" takes off its border; a number adds as many cells on each side.
        disable_max_pool: whether to leave the halving out.
        desired_output_size: the size of the vector, reached by one linear layer; None adds no layer.
        activation: a name such as "tanh", a torch.nn class or layer, or a function; None is ReLU.
        device: where the parameters live; None leaves it to the network.
        channels: how many channels each layer gives, as in [32, 64, 64]; None doubles from 8 on.
        kernel_size: how many cells wide and high the patterns of each layer are.
        stride: how many cells each layer moves on; 2 halves the image. It takes the place of max-pooling:
            where it is given, there is none.

    Raises:
        ConfigError: if a setting cannot work, or two lists differ in length.
        ShapeError: if the image has another number of channels, or is too small for the depth.
        UnknownNameError: if there is no activation of that name.
    """

    def __init__(
        self,
        input_shape: Shape | None = None,
        num_channels: int | None = None,
        depth: int | None = None,
        padding: Padding | Sequence[Padding] = "same",
        disable_max_pool: bool = False,
        desired_output_size: int | None = None,
        activation: Activation = None,
        device: Device = None,
        *,
        channels: Sequence[int] | None = None,
        kernel_size: int | Sequence[int] = 3,
        stride: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(device)
        self.num_channels = num_channels
        self.depth = depth
        self.padding = padding
        self.disable_max_pool = disable_max_pool
        self.desired_output_size = desired_output_size
        self.activation = as_setting(activation)
        self.channels = channels
        self.kernel_size = kernel_size
        self.stride = stride
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
        for i, each in enumerate(self._convolutions()):
            layers += [
                make_layer(nn.Conv2d, channels, each.channels, each.kernel_size, each.stride, each.padding),
                make_activation(self.activation, default="relu"),
            ]
            size = [each.length(length) for length in size]
            if min(size) < 1:
                raise ShapeError(_too_small(input_shape, i, each))
            if each.is_pooled:
                layers.append(nn.MaxPool2d(2))
            channels = each.channels
        self.image_shape: Shape = (channels, *size)
        output_size = channels * size[0] * size[1]
        layers.append(nn.Flatten())
        if self.desired_output_size is not None:
            layers.append(make_layer(nn.Linear, output_size, self.desired_output_size))
            output_size = self.desired_output_size
        self.num_channels = input_shape[0]
        self.layers = nn.Sequential(*layers)
        return (output_size,)

    def _convolutions(self) -> list[_Convolution]:
        depth = self._depth()
        channels = self.channels or [FIRST_CHANNELS * 2**i for i in range(depth)]
        kernels, paddings = _spread(self.kernel_size, depth), _spread(self.padding, depth)
        strides = _spread(1 if self.stride is None else self.stride, depth)
        pools = self.stride is None and not self.disable_max_pool
        return [
            _Convolution(
                channels[i],
                kernels[i],
                strides[i],
                _border(paddings[i], kernels[i], strides[i]),
                is_pooled=pools and i >= 2,
            )
            for i in range(depth)
        ]

    def _lists(self) -> dict[str, int]:
        """The lengths of the settings that are given as lists."""
        names = ("channels", "kernel_size", "stride", "padding")
        return {name: len(getattr(self, name)) for name in names if _is_list(getattr(self, name))}

    def _depth(self) -> int:
        return self.depth or next(iter(self._lists().values()), DEFAULT_DEPTH)

    def _check(self) -> None:
        check_sizes("ConvBlock", num_channels=self.num_channels)
        check_layers("ConvBlock", depth=self.depth)
        check_sizes("ConvBlock", depth=self.depth)
        check_sizes("ConvBlock", desired_output_size=self.desired_output_size)
        if self.channels is not None and not _is_list(self.channels):
            raise ConfigError(
                f"ConvBlock was given channels={self.channels!r}; it must be a list with one number for each "
                "layer, such as [16, 32]."
            )
        self._check_lengths()
        for name in ("channels", "kernel_size", "stride"):
            for each in _spread(getattr(self, name), 1):
                check_sizes("ConvBlock", **{name: each})
        for each in _spread(self.padding, 1):
            _check_padding(each)
        make_activation(self.activation, default="relu")

    def _check_lengths(self) -> None:
        lengths = self._lists() | ({} if self.depth is None else {"depth": self.depth})
        if len(set(lengths.values())) > 1 or 0 in lengths.values():
            given = ", ".join(f"{length} by {name}" for name, length in lengths.items())
            raise ConfigError(
                f"ConvBlock was given {given} layers; give each list one number for each layer, at least one."
            )


@dataclass(frozen=True)
class _Convolution:
    """One layer's settings."""

    channels: int
    kernel_size: int
    stride: int
    padding: Padding
    is_pooled: bool

    def length(self, length: int) -> int:
        """How many cells of a height or width are left behind the layer and its pooling."""
        if self.padding != "same":
            border = 0 if self.padding == "valid" else int(self.padding)
            length = (length + 2 * border - self.kernel_size) // self.stride + 1
        return length // 2 if self.is_pooled else length


def _border(padding: Padding, kernel_size: int, stride: int) -> Padding:
    """The padding as torch takes it, which knows "same" only for odd kernels that move cell by cell."""
    if padding != "same" or (stride == 1 and kernel_size % 2):
        return padding
    return (kernel_size - 1) // 2


def _too_small(input_shape: Shape, i: int, layer: _Convolution) -> str:
    cause = "the max-pooling halves it from the third on" if layer.is_pooled else "each takes its border"
    mends = [f"depth={i}"] if i else []
    mends.append("disable_max_pool=True" if layer.is_pooled else 'padding="same"')
    if layer.kernel_size > 1 and not i:
        mends.append("a smaller kernel_size")
    return (
        f"the image {input_shape} is too small: after {i + 1} convolutions nothing is left of it, "
        f"as {cause}. Use {' or '.join(mends)}"
    )


def _check_padding(padding: object) -> None:
    is_number = isinstance(padding, int) and not isinstance(padding, bool) and padding >= 0
    if padding not in ("same", "valid") and not is_number:
        raise ConfigError(
            f"ConvBlock was given padding={padding!r}; it must be 'same', 'valid' or a number from 0."
        )


def _is_list(setting: object) -> bool:
    return isinstance(setting, Sequence) and not isinstance(setting, str)


def _spread(setting: Any, depth: int) -> list[Any]:
    """A setting of each layer."""
    return list(setting) if _is_list(setting) else [setting] * depth
