"""OutputBlock: the last layer."""

import pytest
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import OutputBlock


def layer_names(block):
    return [type(layer).__name__ for layer in block.layers]


def test_output_has_no_activation_unless_asked():
    assert layer_names(OutputBlock(3, 2)) == ["Linear"]
    assert layer_names(OutputBlock(3, 2, nn.Tanh)) == ["Linear", "Tanh"]


def test_output_needs_a_number_of_classes():
    with pytest.raises(ConfigError, match="num_classes"):
        OutputBlock(3)
