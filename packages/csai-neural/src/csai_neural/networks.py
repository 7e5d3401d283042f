"""The registered networks of this package: functions from an observation space to a Net without an output.

`csai list networks` lists those of all plugins.
"""

from __future__ import annotations

from typing import Any

from gymnasium import spaces

from csai_neural.blocks.block import Block
from csai_neural.blocks.conv import ConvBlock
from csai_neural.blocks.flatten import FlattenBlock
from csai_neural.blocks.input import InputBlock
from csai_neural.blocks.linear import LinearBlock
from csai_neural.blocks.recurrent import RecurrentBlock
from csai_neural.bodies import default_body
from csai_neural.net import Net

CONV_DEPTH = 4


def linear(observation_space: spaces.Space[Any]) -> Net:
    """Nothing but the observations, laid out flat: with an output behind it, a linear model."""
    return _net("linear", observation_space, *_flat(observation_space))


def mlp(observation_space: spaces.Space[Any]) -> Net:
    """A multilayer perceptron: the observations laid out flat, then two layers of 128 and ReLU."""
    return _net("mlp", observation_space, *_flat(observation_space), LinearBlock(hidden_size=[128, 128]))


def conv(observation_space: spaces.Space[Any]) -> Net:
    """For small images: four 3x3 convolutions, or as many as the image allows, with max-pooling."""
    shape = InputBlock(observation_space).output_shape or ()
    depth = min(CONV_DEPTH, 1 + min(shape[1:], default=1).bit_length())
    return _net("conv", observation_space, ConvBlock(depth=depth))


def nature_cnn(observation_space: spaces.Space[Any]) -> Net:
    """For images of 36 x 36 and more: three strided convolutions, and a layer of 512.

    Reference: Mnih et al. 2015, "Human-level control through deep reinforcement learning", methods.
    """
    eyes = ConvBlock(channels=[32, 64, 64], kernel_size=[8, 4, 3], stride=[4, 2, 1], padding="valid")
    return _net("nature_cnn", observation_space, eyes, LinearBlock(hidden_size=[512]))


def recurrent(observation_space: spaces.Space[Any]) -> Net:
    """For what must be remembered: a body that follows the space, a layer of 128, and an LSTM of 128."""
    return default_body(observation_space).followed_by(
        LinearBlock(hidden_size=[128]), RecurrentBlock(hidden_size=128, cell="lstm"), name="recurrent"
    )


def _flat(observation_space: spaces.Space[Any]) -> list[Block]:
    """What lays the observations out as a vector; nothing where they are one."""
    return [] if len(InputBlock(observation_space).output_shape or ()) == 1 else [FlattenBlock()]


def _net(name: str, observation_space: spaces.Space[Any], *blocks: Block) -> Net:
    net = Net(name)
    for block in (InputBlock(observation_space), *blocks):
        net.add_block(block)
    net.compile()
    return net
