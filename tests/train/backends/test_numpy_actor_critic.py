"""The actor-critic in numpy is the one of torch: its outputs, values and gradients."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_neural import ActorCritic
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_actor_critic import actor_critic_in_numpy

VECTOR = spaces.Box(-1, 1, (5,))
ARCHITECTURES = [[{"pi": (16, 8), "vf": (4,)}], [16, 16], [12, {"pi": (7,), "vf": (3,)}], []]
MASK = np.array([[1, 0, 1], [1, 1, 1], [0, 1, 0]] * 3, dtype=np.int8)


def both(net_arch, action_space=None):
    torch.manual_seed(0)
    net = ActorCritic(VECTOR, action_space or spaces.Discrete(3), net_arch=net_arch, activation_fnc="tanh")
    parameters = FlatParameters(net)
    parameters.values.normal_()  # not the small policy layer of the start
    return net, parameters, actor_critic_in_numpy(net)


@pytest.fixture
def observation():
    return np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)


@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("net_arch", ARCHITECTURES)
def test_gives_what_the_network_gives(net_arch, mask, observation):
    net, _, in_arrays = both(net_arch, spaces.Discrete(3, start=4))
    outputs, value = in_arrays.outputs_and_value(observation)
    expected_outputs, expected_value = net(observation)
    np.testing.assert_allclose(outputs, expected_outputs.detach(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(value, expected_value.detach(), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(in_arrays.value(observation), value, rtol=1e-6)
    np.testing.assert_allclose(in_arrays.outputs(observation), outputs, rtol=1e-6)
    expected = net.evaluate_actions(observation, torch.tensor([4, 5, 5] * 3), mask)
    policy, remembered = in_arrays.forward(observation, mask)
    np.testing.assert_allclose(policy.entropy, expected.entropy.detach(), rtol=1e-4, atol=1e-5)
    np.testing.assert_array_equal(remembered, value)


@pytest.mark.parametrize("net_arch", ARCHITECTURES)
def test_goes_backwards_like_autograd(net_arch, observation):
    net, parameters, in_arrays = both(net_arch)
    random = np.random.default_rng(1)
    to_logits = random.normal(size=(9, 3)).astype(np.float32)
    to_value = random.normal(size=9).astype(np.float32)
    logits, value = net(observation)
    torch.autograd.backward([logits, value], [torch.from_numpy(to_logits), torch.from_numpy(to_value)])
    expected = parameters.gradients.clone()
    parameters.gradients.fill_(7.0)
    in_arrays.forward(observation)
    in_arrays.backward(to_logits, np.zeros(0, np.float32), to_value)
    torch.testing.assert_close(parameters.gradients, expected, rtol=1e-5, atol=1e-5)


def test_leaves_to_torch_what_is_not_plain():
    image = ActorCritic(spaces.Box(0, 255, (1, 12, 12), np.uint8), spaces.Discrete(3), net_arch=[8])
    assert actor_critic_in_numpy(image) is None
    smooth = ActorCritic(VECTOR, spaces.Discrete(3), net_arch=[8], activation_fnc="gelu")
    assert actor_critic_in_numpy(smooth) is None
