"""The policy in numpy is the policy of the network."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_neural import ActorCritic
from csai_train.acting import draw, in_numpy
from csai_train.flat import FlatParameters

VECTOR = spaces.Box(-1, 1, (5,))
SEPARATE = [{"pi": (16, 8), "vf": (4,)}]


def policy_in_numpy(net):
    modules = [net.features_extractor, net.shared, net.actor, net.policy_head]
    return in_numpy(net.observation_space, modules)


@pytest.mark.parametrize("net_arch", [SEPARATE, [16, 16], [12, {"pi": (7,), "vf": (3,)}], []])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_gives_the_numbers_of_the_network_also_after_they_change(net_arch, activation):
    net = ActorCritic(VECTOR, spaces.Discrete(3), net_arch=net_arch, activation_fnc=activation)
    parameters = FlatParameters(net)
    policy = policy_in_numpy(net)
    observation = np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)
    before = observation.copy()
    for _ in range(2):
        expected = net.get_policy_outputs(torch.from_numpy(observation)).detach().numpy()
        np.testing.assert_allclose(policy(observation), expected, rtol=1e-5, atol=1e-6)
        parameters.values.normal_(generator=torch.Generator().manual_seed(0))
    np.testing.assert_array_equal(observation, before)


def test_bits_are_observed_as_the_network_observes_them():
    net = ActorCritic(spaces.MultiBinary(6), spaces.Discrete(3), net_arch=SEPARATE)
    bits = np.random.default_rng(0).integers(2, size=(9, 6), dtype=np.int8)
    expected = net.get_policy_outputs(bits).detach().numpy()
    np.testing.assert_allclose(policy_in_numpy(net)(bits), expected, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("observation_space", "activation"),
    [
        (spaces.Box(0, 255, (5,), np.uint8), "tanh"),
        (spaces.Discrete(5), "tanh"),
        (spaces.Box(-1, 1, (2, 2)), "tanh"),
        (spaces.Dict(a=VECTOR), "tanh"),
        (VECTOR, "gelu"),
    ],
)
def test_leaves_to_torch_what_is_not_plain(observation_space, activation):
    net = ActorCritic(observation_space, spaces.Discrete(3), net_arch=SEPARATE, activation_fnc=activation)
    assert policy_in_numpy(net) is None


def test_draws_each_action_as_often_as_its_probability_says():
    outputs = np.log(np.array([0.1, 0.2, 0.7], dtype=np.float32))
    actions = draw(np.tile(outputs, (20_000, 1)), np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(actions) / 20_000, [0.1, 0.2, 0.7], atol=0.015)
