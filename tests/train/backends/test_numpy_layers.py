"""Layers in numpy are the layers of torch, forwards and backwards."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_neural import InputBlock, LinearBlock, Net, OutputBlock
from csai_train.algorithms.networks import build_network
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_layers import NumpyLayers, in_numpy

VECTOR = spaces.Box(-1, 1, (5,))


def make_net(hidden_sizes, activation, space=VECTOR):
    torch.manual_seed(0)
    net = Net()
    net.add_block(InputBlock(space))
    if hidden_sizes:
        net.add_block(
            LinearBlock(
                num_hidden_layers=len(hidden_sizes), hidden_size=list(hidden_sizes), activation=activation
            )
        )
    net.add_block(OutputBlock(num_classes=3))
    net.compile()
    return net


@pytest.mark.parametrize("batch_size", [1, 9, 300])
@pytest.mark.parametrize("hidden_sizes", [(16, 8), (64, 64), ()])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_outputs_and_gradients_are_those_of_autograd(batch_size, hidden_sizes, activation):
    net = make_net(hidden_sizes, activation)
    parameters = FlatParameters(net)
    layers = in_numpy([net])
    random = np.random.default_rng(0)
    observation = random.normal(size=(batch_size, 5)).astype(np.float32)
    to_output = random.normal(size=(batch_size, 3)).astype(np.float32)
    before = observation.copy()
    for _ in range(2):
        x = torch.from_numpy(observation).requires_grad_()
        expected = net(x)
        parameters.gradients.zero_()
        expected.backward(torch.from_numpy(to_output))
        gradients = parameters.gradients.clone()
        parameters.gradients.fill_(7.0)
        np.testing.assert_allclose(layers(observation), expected.detach(), rtol=1e-5, atol=1e-6)
        np.testing.assert_allclose(layers.forward(observation), expected.detach(), rtol=1e-5, atol=1e-6)
        to_input = layers.backward(to_output.copy(), to_input=True)
        scale = float(gradients.abs().max())
        torch.testing.assert_close(parameters.gradients, gradients, rtol=1e-5, atol=1e-6 * scale)
        np.testing.assert_allclose(to_input, x.grad, rtol=1e-5, atol=1e-6)
        parameters.values.normal_(
            0.0, 0.2, generator=torch.Generator().manual_seed(0)
        )  # the views must follow
    np.testing.assert_array_equal(observation, before)


def test_going_backwards_twice_does_not_add_up():
    net = make_net((8,), "tanh")
    parameters = FlatParameters(net)
    layers = in_numpy([net])
    layers.forward(np.ones((4, 5), dtype=np.float32))
    layers.backward(np.ones((4, 3), dtype=np.float32))
    once = parameters.gradients.clone()
    layers.forward(np.ones((4, 5), dtype=np.float32))
    layers.backward(np.ones((4, 3), dtype=np.float32))
    assert torch.equal(parameters.gradients, once)


def test_no_layers_pass_everything_on():
    layers = NumpyLayers([])
    x = np.ones((2, 3), dtype=np.float32)
    assert layers(x) is layers.forward(x) is x
    assert layers.backward(x) is x


def test_going_backwards_needs_room_for_gradients():
    layers = in_numpy([make_net((8,), "tanh")])
    layers.forward(np.ones((4, 5), dtype=np.float32))
    with pytest.raises(ValueError, match="FlatParameters"):
        layers.backward(np.ones((4, 3), dtype=np.float32))


def test_bits_are_observed_as_the_network_observes_them():
    net = make_net((8,), "tanh", spaces.MultiBinary(6))
    bits = np.random.default_rng(0).integers(2, size=(9, 6), dtype=np.int8)
    np.testing.assert_allclose(in_numpy([net])(bits), net(bits).detach(), rtol=1e-5, atol=1e-6)


def test_bytes_are_scaled_as_the_network_scales_them():
    net = make_net((8,), "relu", spaces.Box(0, 255, (6,), np.uint8))
    parameters = FlatParameters(net)
    layers = in_numpy([net])
    shown = np.random.default_rng(0).integers(256, size=(9, 6), dtype=np.uint8)
    expected = net(shown)
    parameters.gradients.zero_()
    expected.sum().backward()
    gradients = parameters.gradients.clone()
    np.testing.assert_allclose(layers(shown), expected.detach(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layers(shown[:1]), expected[:1].detach(), rtol=1e-5, atol=1e-6)
    layers.forward(shown)
    layers.backward(np.ones((9, 3), np.float32))
    torch.testing.assert_close(parameters.gradients, gradients, rtol=1e-5, atol=1e-6)
    assert shown.dtype == np.uint8


@pytest.mark.parametrize(
    "space",
    [
        spaces.Discrete(5),
        spaces.Box(-1, 1, (2, 2)),
        spaces.Dict(a=VECTOR),
    ],
)
def test_leaves_to_torch_what_is_not_shown_as_it_is(space):
    assert in_numpy([build_network(space, 3, (8,), seed=0)]) is None


@pytest.mark.parametrize("layer", [nn.GELU(), nn.Linear(3, 3, bias=False), nn.Dropout(0.5)])
def test_leaves_to_torch_other_layers(layer):
    assert in_numpy([nn.Linear(5, 3), layer]) is None
    assert in_numpy([nn.Linear(5, 3), nn.Identity()]) is not None


def test_leaves_to_torch_what_starts_with_an_activation_or_branches():
    assert in_numpy([nn.Tanh(), nn.Linear(5, 3)]) is None
    assert in_numpy([build_network(VECTOR, 3, (8,), seed=0, dueling=True)]) is None
