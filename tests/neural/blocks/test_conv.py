"""ConvBlock with a list for each setting of its layers."""

import pytest
import torch
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import ConvBlock
from csai_neural.errors import ShapeError

NATURE = {"channels": [32, 64, 64], "kernel_size": [8, 4, 3], "stride": [4, 2, 1], "padding": "valid"}


def test_lists_make_the_layers_of_nature_cnn():
    torch.manual_seed(0)
    block = ConvBlock((4, 84, 84), **NATURE)
    torch.manual_seed(0)
    wanted = nn.Sequential(
        nn.Conv2d(4, 32, 8, 4),
        nn.ReLU(),
        nn.Conv2d(32, 64, 4, 2),
        nn.ReLU(),
        nn.Conv2d(64, 64, 3, 1),
        nn.ReLU(),
    )
    x = torch.rand(2, 4, 84, 84)
    assert block.image_shape == (64, 7, 7)
    assert torch.equal(block(x), wanted(x).flatten(1))


@pytest.mark.parametrize("padding", ["same", "valid", 2, ["same", 0]])
@pytest.mark.parametrize("kernel_size", [1, 2, 5, [4, 3]])
@pytest.mark.parametrize("stride", [None, 1, 2, [3, 1]])
def test_every_shape_is_found_out(padding, kernel_size, stride):
    block = ConvBlock((3, 41, 32), channels=[5, 6], kernel_size=kernel_size, stride=stride, padding=padding)
    assert block(torch.zeros(1, 3, 41, 32)).shape == (1, *block.output_shape)


def test_same_keeps_the_size_but_for_the_stride():
    assert ConvBlock((1, 9, 9), channels=[4], kernel_size=5).image_shape == (4, 9, 9)
    assert ConvBlock((1, 9, 9), channels=[4], kernel_size=3, stride=2).image_shape == (4, 5, 5)


def test_a_stride_takes_the_place_of_max_pooling():
    assert ConvBlock((1, 8, 8), depth=3).image_shape == (32, 4, 4)
    assert ConvBlock((1, 8, 8), depth=3, stride=1).image_shape == (32, 8, 8)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"channels": [8, 16], "depth": 3}, "2 by channels, 3 by depth"),
        ({"channels": [8, 16], "stride": [1]}, "2 by channels, 1 by stride"),
        ({"kernel_size": []}, "at least one"),
        ({"depth": 10**12}, "depth=1000000000000; it must be at most 1000"),
        ({"channels": 16}, r"such as \[16, 32\]"),
        ({"channels": [8, 0]}, "channels=0"),
        ({"kernel_size": [3, 2.5]}, "kernel_size=2.5"),
        ({"stride": "2"}, "stride='2'"),
        ({"padding": ["same", "full"]}, "padding='full'"),
    ],
)
def test_lists_that_cannot_work(settings, message):
    with pytest.raises(ConfigError, match=message):
        ConvBlock(**settings)


def test_a_kernel_larger_than_the_image_says_so():
    with pytest.raises(ShapeError, match="smaller kernel_size"):
        ConvBlock((1, 4, 4), **NATURE)
