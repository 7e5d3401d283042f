"""ConvBlock: sizes, settings, lists for its layers, and what it refuses."""

import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import ConvBlock
from csai_neural.errors import ShapeError

VECTOR = spaces.Box(-1, 1, (5,))


def layer_names(block):
    return [type(layer).__name__ for layer in block.layers]


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
    torch.testing.assert_close(block(x), wanted(x).flatten(1))
    with torch.no_grad():
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


@pytest.mark.parametrize(
    ("size", "outputs"), [(8, [512, 1024, 512, 256, 128]), (28, [6272, 12544, 6272, 3136, 1152])]
)
def test_sizes_of_conv(size, outputs):
    assert [ConvBlock((1, size, size), 1, depth).output_size for depth in range(1, 6)] == outputs


def test_every_setting_of_conv_is_in_effect():
    block = ConvBlock((2, 9, 9), 2, 3, "valid", True, 10, nn.Tanh)
    assert layer_names(block) == ["Conv2d", "Tanh"] * 3 + ["Flatten", "Linear"]
    assert block.image_shape == (32, 3, 3)
    assert block.output_shape == (10,)
    assert ConvBlock((1, 5, 5), padding=2, depth=1).image_shape == (8, 7, 7)


def test_an_image_too_small_for_the_depth_says_which_depth_works():
    with pytest.raises(ShapeError, match=r"\(1, 8, 8\).*after 6 conv.*Use depth=5"):
        ConvBlock((1, 8, 8), 1, 6)
    with pytest.raises(ShapeError, match=r'padding="same"'):
        ConvBlock((1, 4, 4), depth=2, padding="valid")


def test_channels_that_differ_from_the_image():
    with pytest.raises(ShapeError, match="num_channels=3"):
        ConvBlock((1, 8, 8), 1 + 2)


@pytest.mark.parametrize(
    "settings", [{"depth": 0}, {"padding": "none"}, {"padding": -1}, {"num_channels": 0}]
)
def test_settings_of_conv_that_cannot_work(settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        ConvBlock(**settings)


def test_a_conv_after_a_vector(make_net):
    with pytest.raises(ShapeError, match=r"takes images.*\(5,\)"):
        make_net(VECTOR, ConvBlock())
