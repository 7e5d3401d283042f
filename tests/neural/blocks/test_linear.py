"""LinearBlock: its layers, settings and what it refuses."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import LinearBlock, OutputBlock
from csai_neural.errors import ShapeError

VECTOR = spaces.Box(-1, 1, (5,))


def layer_names(block):
    return [type(layer).__name__ for layer in block.layers]


def test_linear_has_three_hidden_layers_and_ends_with_its_activation():
    block = LinearBlock(4, 2)
    assert layer_names(block) == ["Linear", "ReLU"] * 4
    sizes = [(layer.in_features, layer.out_features) for layer in block.layers[::2]]
    assert sizes == [(4, 128), (128, 128), (128, 128), (128, 2)]


def test_every_setting_of_linear_is_in_effect():
    block = LinearBlock(4, 2, 1, 16, 0.25, nn.Tanh, "cpu", use_layer_norm=True)
    assert layer_names(block) == ["Linear", "LayerNorm", "Tanh", "Dropout"] * 2
    assert block.layers[3].p == 0.25
    assert block.layers[0].out_features == 16
    assert block.device == torch.device("cpu")


def test_linear_without_output_size_ends_with_its_last_hidden_layer():
    block = LinearBlock(4, hidden_size=[8, 6])
    assert block.output_size == 6
    assert [layer.out_features for layer in block.layers[::2]] == [8, 6]


def test_linear_without_hidden_layers():
    assert layer_names(LinearBlock(4, 2, hidden_size=[])) == ["Linear", "ReLU"]
    assert layer_names(LinearBlock(4, 2, num_hidden_layers=0)) == ["Linear", "ReLU"]


def test_a_linear_block_can_be_a_value_head():
    block = LinearBlock(4, 1, hidden_size=[8], activation="identity")
    for layer in block.layers[::2]:
        nn.init.zeros_(layer.bias)
    x = torch.randn(1, 4)
    assert (block(x) * block(-x) < 0).all()


def test_sizes_may_be_numpys():
    assert LinearBlock(np.int64(4), np.prod((2, 3)), hidden_size=[np.int32(3)]).output_shape == (6,)


def test_regenerating_follows_changed_settings():
    block = LinearBlock(4, 2, hidden_size=[8])
    old = block.layers[0].weight
    block.input_size, block.hidden_size = 3, [5, 6]
    block.regenerate_network()
    assert [tuple(layer.weight.shape) for layer in block.layers[::2]] == [(5, 3), (6, 5), (2, 6)]
    assert block.layers[0].weight is not old


def test_a_net_whose_block_was_regenerated_to_another_shape_says_so(make_net):
    net = make_net(VECTOR, LinearBlock(hidden_size=[8]), OutputBlock(num_classes=2))
    net.blocks["linear"].output_size = 9
    net.blocks["linear"].regenerate_network()
    with pytest.raises(ShapeError, match=r"OutputBlock 'output' cannot follow LinearBlock 'linear'"):
        net(torch.zeros(2, 5))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"output_size": 0}, "output_size=0"),
        ({"input_size": -1}, "input_size=-1"),
        ({"hidden_size": 2.5}, "hidden_size=2.5"),
        ({"hidden_size": [3, "4"]}, "'4'"),
        ({"output_size": True}, "output_size=True"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"num_hidden_layers": 2, "hidden_size": [3]}, "leave one of them out"),
        ({"hidden_size": []}, "no layer"),
    ],
)
def test_settings_of_linear_that_cannot_work(settings, words):
    with pytest.raises(ConfigError, match=words):
        LinearBlock(**settings)
