"""The network: convolutions that know where they look."""

from __future__ import annotations

from typing import Any

from csai_neural import ConvBlock, FlattenBlock, InputBlock, LinearBlock, Net
from gymnasium import spaces

from csai_night_sky.coordinates import CoordinatesBlock


def telescope(observation_space: spaces.Space[Any]) -> Net:
    """Two convolutions with halving, over an image and where its pixels are, then a layer of 64.

    Args:
        observation_space: images, (channels, height, width), of 8 x 8 pixels and more.

    Raises:
        ShapeError: if the observations are none.
    """
    net = Net("telescope")
    net.add_block(InputBlock(observation_space))
    net.add_block(CoordinatesBlock())
    net.add_block(ConvBlock(channels=[16, 32], kernel_size=3, stride=2))
    net.add_block(FlattenBlock())
    net.add_block(LinearBlock(hidden_size=[64]))
    net.compile()
    return net
