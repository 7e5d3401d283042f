"""The algorithm passes csai's conformance suite, computes as the paper does, and tells returns apart."""

import copy

import gymnasium
import numpy as np
import pytest
import torch
from csai_core.errors import ConfigError
from csai_core.testing import AlgorithmSuite
from csai_train import Transitions, resume, train
from gymnasium import spaces
from torch import nn

from csai_distributional.qr_dqn import (
    QuantileRegressionDQN,
    QuantileRegressionDQNConfig,
    quantile_huber,
    quantile_loss,
)


class TestQuantileRegressionDQN(AlgorithmSuite):
    """Everything an algorithm should pass."""

    entry_name = "qr_dqn"
    config = {  # noqa: RUF012
        "hidden_sizes": [8],
        "num_quantiles": 5,
        "batch_size": 16,
        "learning_starts": 20,
        "target_every": 100,
    }


def test_the_loss_by_hand():
    quantiles, targets = torch.tensor([[1.0, 2.0]]), torch.tensor([[1.5, 4.0]])
    # shares 1/4 and 3/4; errors (0.5, 3) and (-0.5, 2); Huber with kappa 1: (0.125, 2.5) and (0.125, 1.5)
    expected = 0.25 * (0.125 + 2.5) / 2 + (0.25 * 0.125 + 0.75 * 1.5) / 2
    assert float(quantile_huber(quantiles, targets, 1.0)) == pytest.approx(expected)
    halved = 0.25 * (0.25 + 2.75) / 2 + (0.25 * 0.25 + 0.75 * 1.75) / 2  # kappa 1/2, divided by it
    assert float(quantile_huber(quantiles, targets, 0.5)) == pytest.approx(halved)


class Table(nn.Module):
    """The same quantiles for every observation: (num_actions, num_quantiles)."""

    def __init__(self, quantiles):
        super().__init__()
        self.quantiles = nn.Parameter(torch.tensor(quantiles))

    def forward(self, observation):
        return self.quantiles.expand(len(observation), -1, -1)


def test_what_follows_is_judged_by_the_best_action_that_is_allowed():
    network, target = Table([[0.0, 0.0], [0.0, 0.0]]), Table([[1.0, 3.0], [4.0, 8.0]])
    batch = Transitions(
        observation=np.zeros((4, 1), np.float32),
        action=torch.tensor([0, 1, 0, 1]),
        reward=torch.tensor([1.0, 1.0, 1.0, 1.0]),
        next_observation=np.zeros((4, 1), np.float32),
        terminated=torch.tensor([False, False, True, False]),
        truncated=torch.tensor([False, True, False, False]),
        next_action_mask=np.array([[1, 1], [1, 1], [0, 0], [1, 0]], np.int8),
    )
    loss, quantiles = quantile_loss(network, target, batch, gamma=0.5, kappa=1.0)
    targets = torch.tensor([[3.0, 5.0], [3.0, 5.0], [1.0, 1.0], [1.5, 2.5]])
    assert float(loss.detach()) == pytest.approx(float(quantile_huber(torch.zeros(4, 2), targets, 1.0)))
    assert quantiles.tolist() == [[0, 0]] * 4
    loss.backward()
    assert target.quantiles.grad is None


class Lottery(gymnasium.Env):
    """Action 0 pays 1; action 1 pays 0 or 4, each half of the time. One step."""

    observation_space, action_space = spaces.Box(0, 1, (1,), np.float32), spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.ones(1, np.float32), {}

    def step(self, action):
        reward = 4.0 * self.np_random.integers(2) if action else 1.0
        return np.ones(1, np.float32), float(reward), True, False, {}


def test_it_learns_how_returns_are_spread():
    config = {
        "num_quantiles": 8,
        "hidden_sizes": [16],
        "epsilon_end": 1.0,
        "learning_rate": 5e-3,
        "kappa": 0.1,
    }
    training = train("qr_dqn", Lottery(), total_steps=2_500, seed=1, config=config)
    with torch.no_grad():
        sure, lots = training.algorithm.network(np.ones((1, 1), np.float32))[0].numpy()
    assert sure == pytest.approx(np.ones(8), abs=0.2)
    assert np.sort(lots)[:3] == pytest.approx(np.zeros(3), abs=0.5)
    assert np.sort(lots)[-3:] == pytest.approx(np.full(3, 4.0), abs=0.5)
    (values,) = training.algorithm.explain(np.ones((1, 1), np.float32)).action_values
    assert values == pytest.approx([1, 2], abs=0.3)
    assert training.agent().get_next_action(np.ones(1, np.float32)) == 1


def test_its_noise_explores_and_is_none_in_use():
    spaces_ = Lottery.observation_space, Lottery.action_space
    config = QuantileRegressionDQNConfig(noisy=True, learning_starts=0, hidden_sizes=(16,))
    algorithm = QuantileRegressionDQN(*spaces_, config, total_steps=10, seed=1)
    rows = np.ones((200, 1), np.float32)
    assert algorithm.epsilon == 0
    assert len({tuple(algorithm.act(rows, explore=False).action) for _ in range(3)}) == 1
    tried = {int(algorithm.act(rows[:1], explore=True).action[0]) for _ in range(50)}
    assert tried == {0, 1}


@pytest.mark.parametrize("noisy", [False, True])
def test_a_training_goes_on_exactly(noisy, tmp_path):
    exploring = {"epsilon_start": 0.1, "epsilon_end": 0.1}  # otherwise it is planned by the length
    learning = {"hidden_sizes": [8], "num_quantiles": 4, "learning_starts": 20, "target_every": 30}
    config = {"noisy": noisy, **exploring, **learning}
    whole = train("qr_dqn", "CartPole-v1", total_steps=120, seed=3, config=config)
    train("qr_dqn", "CartPole-v1", total_steps=70, seed=3, config=config, run_dir=tmp_path / "run")
    rest = resume(tmp_path / "run", total_steps=120)
    networks = (each.algorithm.network.parameters() for each in (rest, whole))
    assert all(torch.equal(one, other) for one, other in zip(*networks, strict=True))


def test_the_network_that_was_given_is_the_body():
    training = train("qr_dqn", "CartPole-v1", total_steps=40, network="mlp", config={"learning_starts": 9})
    assert type(training.algorithm.network.body).__name__ == "Net"
    assert copy.deepcopy(training.algorithm.network)(np.zeros((2, 4), np.float32)).shape == (2, 2, 51)


@pytest.mark.parametrize(
    "settings", [{"num_quantiles": 0}, {"kappa": 0.0}, {"gamma": 1.5}, {"hidden_sizes": (0,)}]
)
def test_settings_that_cannot_work(settings):
    with pytest.raises(ConfigError, match=f"QuantileRegressionDQNConfig.*{next(iter(settings))}"):
        QuantileRegressionDQNConfig(**settings)
