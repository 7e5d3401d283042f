"""DuelingBlock: the value of being here, and what each action adds to it."""

from __future__ import annotations

from typing import ClassVar

from torch import Tensor, nn

from csai_core.errors import ConfigError
from csai_neural.activations import Activation, as_setting, make_activation
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import VECTOR_MEND, check_sizes, expect_rank, make_layer
from csai_neural.devices import Device


class DuelingBlock(Block):
    """Ends a Q-network with two heads: Q(s, a) = V(s) + A(s, a) - mean over a of A(s, a).

    Reference: Wang et al. 2016, arXiv:1511.06581, eq. 9.

    Args:
        input_size: how many numbers come in; None takes what the block before gives.
        num_actions: how many actions there are.
        hidden_size: the size of each head's hidden layer; None for no hidden layer.
        activation: of the hidden layers: a name, a torch.nn class or layer, or a function; None is ReLU.
        device: where the parameters live; None leaves it to the network.

    Raises:
        ConfigError: if a size cannot work.
        UnknownNameError: if there is no activation of that name.
    """

    is_last: ClassVar[bool] = True

    def __init__(
        self,
        input_size: int | None = None,
        num_actions: int | None = None,
        hidden_size: int | None = 64,
        activation: Activation = None,
        device: Device = None,
    ) -> None:
        super().__init__(device)
        if num_actions is None:
            raise ConfigError("DuelingBlock needs num_actions: how many actions there are.")
        check_sizes("DuelingBlock", input_size=input_size, num_actions=num_actions, hidden_size=hidden_size)
        make_activation(activation, default="relu")
        self.num_actions = num_actions
        self.hidden_size = hidden_size
        self.activation = as_setting(activation)
        if input_size is not None:
            self.fit((input_size,))

    def build(self, input_shape: Shape) -> Shape:
        """Make both heads for vectors of shape (input_size,)."""
        expect_rank(input_shape, 1, "vectors, of shape (size,)", VECTOR_MEND)
        self.value = self._head(input_shape[0], 1)
        self.advantage = self._head(input_shape[0], self.num_actions)
        return (self.num_actions,)

    def forward(self, x: Tensor) -> Tensor:
        """From (batch, input_size) to the action values, (batch, num_actions)."""
        advantage: Tensor = self.advantage(x)
        value: Tensor = self.value(x)
        return value + advantage - advantage.mean(dim=-1, keepdim=True)

    def _head(self, input_size: int, output_size: int) -> nn.Sequential:
        if self.hidden_size is None:
            return nn.Sequential(make_layer(nn.Linear, input_size, output_size))
        return nn.Sequential(
            make_layer(nn.Linear, input_size, self.hidden_size),
            make_activation(self.activation, default="relu"),
            make_layer(nn.Linear, self.hidden_size, output_size),
        )
