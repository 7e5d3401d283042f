"""Layers in numpy are the layers of torch, forwards and backwards."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core import ObsAttribute, trees
from csai_neural import DictInputBlock, InputBlock, LinearBlock, Net, OutputBlock
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


def gradient_as_by_autograd(layers, seen, expected, parameters, to_output):
    """The gradient of what is seen, once outputs and the parameters' gradients were found to be the same."""
    parameters.gradients.zero_()
    expected.backward(torch.from_numpy(to_output))
    gradients = parameters.gradients.clone()
    parameters.gradients.fill_(7.0)
    np.testing.assert_allclose(layers(seen), expected.detach(), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(layers.forward(seen), expected.detach(), rtol=1e-5, atol=1e-6)
    to_input = layers.backward(to_output.copy(), to_input=True)
    scale = float(gradients.abs().max())
    torch.testing.assert_close(parameters.gradients, gradients, rtol=1e-5, atol=1e-6 * scale)
    return to_input


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
        to_input = gradient_as_by_autograd(layers, observation, expected, parameters, to_output)
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


OBSERVED = {
    "discrete": spaces.Discrete(5),
    "multi_discrete": spaces.MultiDiscrete([3, 4]),
    "table": spaces.Box(-1, 1, (2, 2)),
    "dict": spaces.Dict(cell=spaces.Discrete(5), speed=VECTOR),
}


@pytest.mark.parametrize("batch_size", [1, 64])
@pytest.mark.parametrize("space", OBSERVED.values(), ids=OBSERVED)
def test_what_is_laid_out_flat_gives_the_outputs_and_gradients_of_autograd(space, batch_size):
    net = build_network(space, 3, (16,), seed=0)
    parameters = FlatParameters(net)
    layers = in_numpy([net])
    space.seed(0)
    seen = trees.stack(space, [space.sample() for _ in range(batch_size)])
    to_output = np.random.default_rng(0).normal(size=(batch_size, 3)).astype(np.float32)
    gradient_as_by_autograd(layers, seen, net(seen), parameters, to_output)


@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(0, 255, (3, 12, 12), np.uint8),
        spaces.Dict(cell=spaces.Discrete(5), picture=spaces.Box(0, 255, (3, 12, 12), np.uint8)),
    ],
    ids=["picture", "picture_in_dict"],
)
def test_leaves_to_torch_what_passes_through_convolutions(space):
    assert in_numpy([build_network(space, 3, (8,), seed=0)]) is None


def network_of_parts():
    space = OBSERVED["dict"]
    net = Net()
    net.add_block(DictInputBlock({"cell": space["cell"]}, {"cell": LinearBlock(hidden_size=[5])}))
    net.compile()
    return net


def network_of_one_part():
    net = Net(is_dict_network=True)
    net.add_block(InputBlock(ObsAttribute("speed", VECTOR)))
    net.compile()
    return net


@pytest.mark.parametrize("body", [network_of_parts(), network_of_one_part()], ids=["branch", "part"])
def test_leaves_to_torch_what_takes_parts_by_name(body):
    network = body.followed_by(OutputBlock(num_classes=3))
    assert in_numpy([network]) is None


@pytest.mark.parametrize("layer", [nn.GELU(), nn.Linear(3, 3, bias=False), nn.Dropout(0.5)])
def test_leaves_to_torch_other_layers(layer):
    assert in_numpy([nn.Linear(5, 3), layer]) is None
    assert in_numpy([nn.Linear(5, 3), nn.Identity()]) is not None


def test_leaves_to_torch_what_starts_with_an_activation_or_branches():
    assert in_numpy([nn.Tanh(), nn.Linear(5, 3)]) is None
    assert in_numpy([build_network(VECTOR, 3, (8,), seed=0, dueling=True)]) is None


def test_what_is_not_finite_comes_out_without_a_warning():
    """Of which OpenBLAS at times gives one where all is finite."""
    network = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 2))
    FlatParameters(network).values.fill_(np.inf)
    layers = in_numpy([network])
    x = np.zeros((4, 2), np.float32)
    given = (layers(x), layers(x[:1]), layers.forward(x))
    rows = np.array([True, False, False, True])
    assert all(np.isnan(each).all() for each in given)
    assert np.isnan(layers.gradient_of_rows(np.zeros((2, 2), np.float32), rows)).all()
    assert np.isnan(layers.backward(np.zeros((4, 2), np.float32), to_input=True)).all()
