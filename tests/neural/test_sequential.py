"""Rows of layers as plain torch modules."""

import pytest
import torch
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import generate_sequential


def test_layers_with_an_activation_between_them():
    net = generate_sequential([8, 64, 32, 4], nn.Tanh)
    assert [type(layer).__name__ for layer in net] == ["Linear", "Tanh", "Linear", "Tanh", "Linear"]
    assert net(torch.rand(5, 8)).shape == (5, 4)
    assert [type(layer).__name__ for layer in generate_sequential((2, 3))] == ["Linear"]


@pytest.mark.parametrize("sizes", [[], [8], [8, 0], [8, "4"]])
def test_what_makes_no_layers(sizes):
    with pytest.raises(ConfigError, match=r"makes no layers.*\[8, 64, 4\]"):
        generate_sequential(sizes)
