"""Dropout and batch norm do their work around the loss only, and what cannot learn is refused."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.options import build
from csai_core.plugins import installed

VECTOR = spaces.Box(-1, 1, (4,))
NETWORKED = {
    "ppo": {"num_envs": 2, "num_steps": 8, "num_epochs": 2, "num_minibatches": 2},
    "a2c": {"num_envs": 2, "num_steps": 4},
    "reinforce": {"num_envs": 2, "episodes_per_update": 2},
    "deep_q_learning": {
        "num_envs": 2,
        "learning_starts": 8,
        "train_every": 4,
        "batch_size": 16,
        "target_every": 20,
    },
}


def make(name, seed=0, config=None, **more):
    entry = installed().find("algorithms", name)
    settings = build(entry.load_config(), {"hidden_sizes": (16,), **NETWORKED[name], **(config or {})})
    return entry.load()(VECTOR, spaces.Discrete(3), settings, total_steps=2_000, seed=seed, **more)


def play(algorithm, num_updates, learns=True):
    """Steps whose rewards depend on the action, with ends of both kinds; the actions taken."""
    random, actions, count = np.random.default_rng(5), [], 0
    observation = random.normal(size=(2, 4)).astype(np.float32)
    for number in range(4_000):
        decision = algorithm.act(observation, explore=True)
        actions.append(decision.action)
        following = random.normal(size=(2, 4)).astype(np.float32)
        ends = [np.array([number % 5 == 4, False]), np.array([False, number % 7 == 6])]
        reward = np.array(
            [float(np.sum(each)) for each in np.asarray(decision.action, dtype=np.float64).reshape(2, -1)]
        ) * observation[:, 0].astype(np.float64)
        step = Step(observation, decision.action, reward, *ends, following, memo=decision.memo)
        count += bool(algorithm.learn(step)) if learns else 0
        observation = following
        if count == num_updates:
            return actions
    raise AssertionError(f"{count} updates only")


def weights(algorithm):
    return algorithm.backend.parameters.values.clone()


def restless():
    return nn.Sequential(nn.Linear(4, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.5))


def net_of(name, seed=0):
    algorithm = make(name, seed=seed)
    return algorithm.net if name != "deep_q_learning" else algorithm.q_network


@pytest.mark.parametrize("name", NETWORKED)
def test_acting_twice_gives_the_same_and_the_global_generator_is_left_alone(name, monkeypatch):
    algorithm = with_restless_body(name)
    torch.manual_seed(3)
    expected = torch.rand(1)
    torch.manual_seed(3)
    observation = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    play(algorithm, 2)
    one, other = (algorithm.act(observation, explore=False).action for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert torch.equal(torch.rand(1), expected)


def test_the_ratio_is_one_before_the_first_step():
    """Old and new policy are asked with the same parts dropped out, so before a step they agree."""
    algorithm = with_restless_body("ppo", {"num_epochs": 1, "num_minibatches": 1})
    measured = []
    learn = algorithm.update
    algorithm.update = lambda: measured.append(learn()) or measured[-1]
    play(algorithm, 1)
    assert measured[0]["kl"] == pytest.approx(0.0, abs=1e-6)
    assert algorithm.backend.has_modes


@pytest.mark.parametrize("name", NETWORKED)
def test_dropout_is_drawn_from_the_seed_and_running_statistics_are_saved(name):
    one, other = with_restless_body(name), with_restless_body(name)
    play(one, 4)
    play(other, 4)
    assert torch.equal(weights(one), weights(other))
    third = with_restless_body(name)
    third.load_state_dict(one.state_dict())
    for a, b in zip(networks(one).buffers(), networks(third).buffers(), strict=True):
        assert torch.equal(a, b)
    assert any(buffer.numel() > 1 and buffer.abs().sum() > 0 for buffer in networks(one).buffers())


def networks(algorithm):
    return algorithm.q_network if hasattr(algorithm, "q_network") else algorithm.net


def with_restless_body(name, config=None):
    torch_state = torch.get_rng_state()
    torch.manual_seed(0)
    body = restless()
    torch.set_rng_state(torch_state)
    return make(name, network=body, config=config)


def test_a_network_of_which_nothing_can_learn_is_refused():
    body = nn.Linear(4, 8)
    algorithm = make("ppo")
    algorithm.net.requires_grad_(False)
    with pytest.raises(ConfigError, match="Every parameter of the network is frozen"):
        make("ppo", network=algorithm.net)
    assert body.weight.requires_grad
