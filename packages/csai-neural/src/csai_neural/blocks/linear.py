"""LinearBlock: fully connected layers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from torch import nn

from csai_core.errors import ConfigError
from csai_neural.activations import Activation, as_setting, make_activation
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import VECTOR_MEND, check_layers, check_sizes, expect_rank, make_layer
from csai_neural.devices import Device


class LinearBlock(Block):
    """A row of fully connected layers, from (input_size,) to (output_size,).

    After every layer, the last one included, come layer norm if asked for, the activation and dropout
    if asked for. So with the default activation no output is negative: end a network with an
    OutputBlock, which adds none, or give activation="identity".

    Args:
        input_size: how many numbers come in; None takes what the block before gives.
        output_size: how many go out; None makes the last hidden layer the output layer.
        num_hidden_layers: how many layers lie between. None means three, or the length of `hidden_size`.
        hidden_size: the size of the hidden layers; a list gives each its own.
        dropout: the chance of each number to be zeroed while training; None or 0 for none.
        activation: a name such as "tanh", a torch.nn class or layer, or a function; None is ReLU.
        device: where the parameters live; None leaves it to the network.
        use_layer_norm: whether to normalize after each layer (Ba et al. 2016, arXiv:1607.06450).

    Raises:
        ConfigError: if a size or the dropout cannot work, or the list and the number of layers differ.
        UnknownNameError: if there is no activation of that name.
    """

    def __init__(
        self,
        input_size: int | None = None,
        output_size: int | None = None,
        num_hidden_layers: int | None = None,
        hidden_size: int | Sequence[int] = 128,
        dropout: float | None = None,
        activation: Activation = None,
        device: Device = None,
        *,
        use_layer_norm: bool = False,
    ) -> None:
        super().__init__(device)
        self.output_size = output_size
        self.num_hidden_layers = num_hidden_layers
        self.hidden_size = hidden_size
        self.dropout = dropout
        self.activation = as_setting(activation)
        self.use_layer_norm = use_layer_norm
        check_sizes("LinearBlock", input_size=input_size)
        self._check()
        if input_size is not None:
            self.fit((input_size,))

    def build(self, input_shape: Shape) -> Shape:
        """Make the layers for vectors of shape (input_size,)."""
        expect_rank(input_shape, 1, "vectors, of shape (size,)", VECTOR_MEND)
        self._check()
        if self.output_size is None:
            *hidden_sizes, self.output_size = self._hidden_sizes()
            self.hidden_size, self.num_hidden_layers = hidden_sizes, None
        sizes = [input_shape[0], *self._hidden_sizes(), self.output_size]
        layers: list[nn.Module] = []
        for size, next_size in itertools.pairwise(sizes):
            layers += self._layer(size, next_size)
        self.layers = nn.Sequential(*layers)
        return (sizes[-1],)

    def regenerate_network(self) -> None:
        """Make the layers again from the settings as they are now, `input_size` included."""
        if self.input_size is not None:
            self._build((self.input_size,))

    def _layer(self, size: int, next_size: int) -> list[nn.Module]:
        layers: list[nn.Module] = [make_layer(nn.Linear, size, next_size)]
        if self.use_layer_norm:
            layers.append(nn.LayerNorm(next_size))
        layers.append(make_activation(self.activation, default="relu"))
        if self.dropout:
            layers.append(nn.Dropout(self.dropout))
        return layers

    def _hidden_sizes(self) -> list[int]:
        if isinstance(self.hidden_size, Sequence):
            return list(self.hidden_size)
        return [self.hidden_size] * (3 if self.num_hidden_layers is None else self.num_hidden_layers)

    def _check(self) -> None:
        check_sizes("LinearBlock", output_size=self.output_size)
        check_layers("LinearBlock", num_hidden_layers=self.num_hidden_layers)
        sizes = self._hidden_sizes()
        for size in sizes:
            check_sizes("LinearBlock", hidden_size=size)
        if self.num_hidden_layers not in (None, len(sizes)):
            raise ConfigError(
                f"LinearBlock was given num_hidden_layers={self.num_hidden_layers} and "
                f"{len(sizes)} sizes in hidden_size={self.hidden_size}; leave one of them out."
            )
        if not sizes and self.output_size is None:
            raise ConfigError("LinearBlock has no layer: give output_size, or at least one hidden layer.")
        if self.dropout is not None and not 0.0 <= self.dropout < 1.0:
            raise ConfigError(f"LinearBlock was given dropout={self.dropout}; it must be from 0 to below 1.")
        make_activation(self.activation, default="relu")
