"""Activations in every form."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from csai_core.errors import ConfigError, UnknownNameError
from csai_neural import ConvBlock, Identity, JoinBlock, LinearBlock, OutputBlock, ResidualBlock


@pytest.mark.parametrize(
    ("activation", "kind"),
    [
        (None, nn.ReLU),
        ("tanh", nn.Tanh),
        (nn.ELU, nn.ELU),
        (nn.LeakyReLU(0.3), nn.LeakyReLU),
        (torch.sigmoid, nn.Sigmoid),
        (functional.gelu, nn.GELU),
        (Identity, nn.Identity),
    ],
)
def test_activations_in_every_form(activation, kind):
    assert isinstance(LinearBlock(2, 2, hidden_size=[], activation=activation).layers[1], kind)


def test_an_activation_may_be_any_function():
    block = LinearBlock(2, 2, hidden_size=[], activation=lambda x: x * 0 + 7)
    assert (block(torch.zeros(1, 2)) == 7).all()


def test_softmax_sums_to_one_over_the_outputs():
    for softmax in ("softmax", nn.Softmax, torch.softmax):
        assert OutputBlock(3, 4, softmax)(torch.randn(5, 3)).sum(1).tolist() == pytest.approx([1.0] * 5)


@pytest.mark.parametrize("make", [LinearBlock, ConvBlock, ResidualBlock, JoinBlock])
def test_an_unknown_activation_is_refused_at_once(make):
    with pytest.raises(UnknownNameError, match="Did you mean 'relu'"):
        make(activation="rellu")


@pytest.mark.parametrize("activation", [3, object(), dict, [nn.ReLU]])
def test_what_cannot_activate(activation):
    with pytest.raises(ConfigError, match="cannot be used"):
        LinearBlock(activation=activation)
