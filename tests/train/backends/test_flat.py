"""Flat parameters and Adam, against torch's own."""

import copy

import numpy as np
import pytest
import torch
from torch import nn

from csai_core.tree_codec import from_file, to_file
from csai_train.backends.flat import FlatParameters, fast_view, require_finite
from csai_train.backends.optimizers import Adam, TorchOptimizer
from csai_train.errors import NonFiniteError


def network(seed=0):
    torch.manual_seed(seed)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2))


def loss_of(net, seed):
    generator = torch.Generator().manual_seed(seed)
    return net(torch.randn(7, 3, generator=generator)).pow(2).mean()


@pytest.fixture(params=["numpy", "torch"])
def computed_with(request, monkeypatch):
    """Both ways to compute with a vector: short ones are arrays, long ones tensors."""
    if request.param == "torch":
        monkeypatch.setattr("csai_train.backends.flat._FEW", 0)
    kind = type(fast_view(torch.zeros(1)))
    assert kind is (np.ndarray if request.param == "numpy" else torch.Tensor)


@pytest.mark.usefixtures("computed_with")
@pytest.mark.parametrize("max_norm", [0.05, 100.0])
def test_a_hundred_steps_are_those_of_torch(max_norm):
    net, reference = network(), network()
    flat = FlatParameters(net)
    adam = Adam(flat, 1e-2, epsilon=1e-5)
    torch_adam = torch.optim.Adam(reference.parameters(), lr=1e-2, eps=1e-5)
    for number in range(100):
        flat.clip_gradients(flat.differentiate(loss_of(net, number)), max_norm)
        adam.step()
        torch_adam.zero_grad()
        loss_of(reference, number).backward()
        nn.utils.clip_grad_norm_(reference.parameters(), max_norm)
        torch_adam.step()
    for parameter, expected in zip(net.parameters(), reference.parameters(), strict=True):
        torch.testing.assert_close(parameter, expected, rtol=1e-4, atol=1e-6)


def test_the_network_sees_what_happens_to_the_vector():
    net = network()
    flat = FlatParameters(net)
    flat.values.zero_()
    assert not net(torch.ones(1, 3)).any()
    net.load_state_dict(network(1).state_dict())
    assert torch.equal(flat.values, FlatParameters(network(1)).values)


def test_copying_and_moving_toward():
    one, other = FlatParameters(network(1)), FlatParameters(network(2))
    expected = 0.75 * one.values + 0.25 * other.values
    one.copy_from(other, 0.25)
    torch.testing.assert_close(one.values, expected)
    one.copy_from(other)
    assert torch.equal(one.values, other.values)


def test_adam_goes_on_from_its_state():
    def steps(flat, net, adam, numbers):
        for number in numbers:
            flat.clip_gradients(flat.differentiate(loss_of(net, number)), 1.0)
            adam.step()

    net = network()
    flat = FlatParameters(net)
    adam = Adam(flat, 1e-2)
    steps(flat, net, adam, range(5))
    state = {k: v.clone() if isinstance(v, torch.Tensor) else v for k, v in adam.state_dict().items()}
    values = flat.values.clone()
    steps(flat, net, adam, range(5, 10))
    other_net = network(3)
    other_flat = FlatParameters(other_net)
    other_flat.values.copy_(values)
    other = Adam(other_flat, 1.0)
    other.load_state_dict(state)
    steps(other_flat, other_net, other, range(5, 10))
    assert torch.equal(flat.values, other_flat.values)


def test_an_optimizer_of_torch_moves_flat_parameters_too_and_goes_on_from_its_state():
    def steps(net, optimizer, numbers):
        for number in numbers:
            net.flat.clip_gradients(net.flat.differentiate(loss_of(net, number)), 10.0)
            optimizer.step()

    def make(seed):
        net = network(seed)
        net.flat = FlatParameters(net)
        return net, TorchOptimizer(torch.optim.Adam(net.parameters(), lr=1e-2))

    net, optimizer = make(0)
    steps(net, optimizer, range(5))
    state, values = copy.deepcopy(optimizer.state_dict()), net.flat.values.clone()
    optimizer.learning_rate = 5e-3
    steps(net, optimizer, range(5, 8))
    other_net, other = make(1)
    other_net.flat.values.copy_(values)
    other.load_state_dict(from_file(*to_file(state)))
    other.learning_rate = 5e-3
    steps(other_net, other, range(5, 8))
    assert torch.equal(net.flat.values, other_net.flat.values)


def trees_of_arrays(tree):
    """What a checkpoint makes of it: arrays in place of tensors."""
    if isinstance(tree, dict):
        return {name: trees_of_arrays(each) for name, each in tree.items()}
    if isinstance(tree, list):
        return [trees_of_arrays(each) for each in tree]
    return tree.numpy() if isinstance(tree, torch.Tensor) else tree


@pytest.mark.usefixtures("computed_with")
@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_a_gradient_that_is_none_leaves_the_weights(number):
    flat = FlatParameters(network())
    before = flat.values.clone()
    flat.gradients[3] = number
    with pytest.raises(NonFiniteError):
        flat.clip_gradients(1.0, 0.5)
    assert torch.equal(flat.values, before)


@pytest.mark.parametrize("values", [(float("nan"), 1.0), (1.0, float("inf")), (float("-inf"), float("inf"))])
def test_numbers_that_are_none_are_refused(values):
    require_finite(1.0, 2.0)
    with pytest.raises(NonFiniteError):
        require_finite(*values)


def test_weights_that_lie_with_their_channels_last_stay_so_and_learn_the_same():
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(2, 3, 3), nn.Flatten(), nn.Linear(48, 2))
    turned = copy.deepcopy(plain)
    turned[0].weight.data = turned[0].weight.data.contiguous(memory_format=torch.channels_last)
    inputs = torch.randn(5, 2, 6, 6)
    for network in (plain, turned):
        parameters = FlatParameters(network)
        optimizer = Adam(parameters, 0.1)
        for _ in range(3):
            parameters.differentiate(network(inputs).square().mean())
            optimizer.step()
    assert turned[0].weight.stride() == turned[0].weight.grad.stride() == (18, 1, 6, 2)
    assert not turned[0].weight.is_contiguous()
    for one, other in zip(plain.parameters(), turned.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
