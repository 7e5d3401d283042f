"""The policy in numpy is the policy of the network."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_neural import ActorCritic
from csai_train.acting import draw, numpy_policy
from csai_train.flat import FlatParameters

VECTOR = spaces.Box(-1, 1, (5,))
SEPARATE = [{"pi": (16, 8), "vf": (4,)}]


@pytest.mark.parametrize("net_arch", [SEPARATE, [16, 16], [12, {"pi": (7,), "vf": (3,)}], []])
@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_gives_the_numbers_of_the_network_also_after_they_change(net_arch, activation):
    net = ActorCritic(VECTOR, spaces.Discrete(3), net_arch=net_arch, activation_fnc=activation)
    parameters = FlatParameters(net)
    policy = numpy_policy(net)
    observation = np.random.default_rng(0).normal(size=(9, 5)).astype(np.float32)
    before = observation.copy()
    for _ in range(2):
        expected = net.get_policy_outputs(torch.from_numpy(observation)).detach().numpy()
        np.testing.assert_allclose(policy(observation), expected, rtol=1e-5, atol=1e-6)
        parameters.values.normal_(generator=torch.Generator().manual_seed(0))
    np.testing.assert_array_equal(observation, before)


@pytest.mark.parametrize(
    ("observation_space", "action_space", "activation"),
    [
        (spaces.Box(0, 255, (5,), np.uint8), spaces.Discrete(3), "tanh"),
        (spaces.Discrete(5), spaces.Discrete(3), "tanh"),
        (spaces.Box(-1, 1, (2, 2)), spaces.Discrete(3), "tanh"),
        (VECTOR, spaces.Discrete(3, start=1), "tanh"),
        (VECTOR, spaces.Box(-1, 1, (2,)), "tanh"),
        (VECTOR, spaces.Discrete(3), "gelu"),
    ],
)
def test_leaves_to_torch_what_is_not_plain(observation_space, action_space, activation):
    net = ActorCritic(observation_space, action_space, net_arch=SEPARATE, activation_fnc=activation)
    assert numpy_policy(net) is None


def test_draws_each_action_as_often_as_its_probability_says():
    outputs = np.log(np.array([0.1, 0.2, 0.7], dtype=np.float32))
    actions = draw(np.tile(outputs, (20_000, 1)), np.random.default_rng(0))
    np.testing.assert_allclose(np.bincount(actions) / 20_000, [0.1, 0.2, 0.7], atol=0.015)
