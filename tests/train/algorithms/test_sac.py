"""SAC: its losses by hand, and its behavior in worlds whose answer is known."""

import math

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_neural import InputBlock, LinearBlock, Net, OutputBlock
from csai_train import train
from csai_train.algorithms.sac import Experience, SACConfig, SoftActorCritic, sac_actor_loss, sac_critic_loss
from csai_train.algorithms.td3 import TD3Config, TwinDelayedPolicyGradient
from csai_train.buffers.replay import Transitions

SEEN, MOVES = spaces.Box(-1, 1, (2,)), spaces.Box(-2, 4, (1,))
BARE = {"batch_size": 64, "learning_starts": 30}
QUICK = {"hidden_sizes": (32,), "learning_rate": 3e-3, "batch_size": 64, "learning_starts": 100}


class Says(torch.nn.Module):
    """Two critics that always say the same."""

    def __init__(self, *values):
        super().__init__()
        self.values = torch.nn.Parameter(torch.tensor(values))

    def forward(self, observation, action):
        return self.values[:, None].expand(-1, len(action))


def test_critics_learn_the_lower_value_less_the_price_of_being_decided():
    transitions = Transitions(
        observation=torch.zeros(3, 2),
        action=torch.zeros(3, 1),
        reward=torch.tensor([1.0, 1.0, 1.0]),
        next_observation=torch.zeros(3, 2),
        terminated=torch.tensor([False, True, False]),
        truncated=torch.tensor([False, False, True]),
        num_steps=torch.tensor([1, 1, 2]),
        weight=torch.tensor([1.0, 0.5, 1.0]),
    )
    batch = Experience(transitions, torch.zeros(3, 1), torch.tensor([0.0, 0.0, 2.0]))
    loss, (value, error) = sac_critic_loss(Says(0.0, 2.0), Says(9.0, 4.0), batch, alpha=0.5, gamma=0.5)
    goals = np.array([1 + 0.5 * 4, 1, 1 + 0.25 * (4 - 0.5 * 2)])
    weights = np.array([1, 0.5, 1])
    assert loss.item() == pytest.approx(
        0.5 * (weights * goals**2).mean() + 0.5 * (weights * (goals - 2) ** 2).mean()
    )
    np.testing.assert_allclose(value, [1, 1, 1])
    np.testing.assert_allclose(error, goals - 1)


def test_the_policy_pays_for_being_decided_and_is_paid_the_lower_value():
    actor = torch.nn.Linear(2, 2, bias=False)
    torch.nn.init.zeros_(actor.weight)
    loss, log_prob = sac_actor_loss(
        actor, Says(7.0, 3.0), (torch.zeros(2, 2), torch.tensor([[0.0], [1.0]])), alpha=0.1
    )
    normal = -0.5 * np.array([0.0, 1.0]) - 0.5 * math.log(2 * math.pi)
    expected = normal - np.log(1 - np.tanh([0.0, 1.0]) ** 2)
    np.testing.assert_allclose(log_prob, expected, rtol=1e-5)
    assert loss.item() == pytest.approx((0.1 * expected - 3).mean())


class Bandit(gymnasium.Env):
    """Episodes of one step; a number from -2 to 4 pays most at 1.3, the less the further it is from there."""

    observation_space = spaces.Discrete(1)
    action_space = MOVES

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return 0, {}

    def step(self, action):
        assert self.action_space.contains(action)
        return 0, -((float(action[0]) - 1.3) ** 2), True, False, {}


@pytest.mark.parametrize("backend", ["numpy", "torch"])
def test_with_a_fixed_price_the_policy_is_the_one_that_theory_says(backend):
    """Of all policies, exp(reward / alpha) pays most: here a normal one of variance alpha / 2."""
    alpha = 0.08
    config = {**QUICK, "hidden_sizes": (64, 64), "learning_rate": 1e-3, "learning_starts": 500}
    config["entropy_coef"] = alpha
    training = train("sac", Bandit(), total_steps=3_000, seed=0, config=config, backend=backend)
    assert training.algorithm.describe()["backend"] == backend
    outlook = training.algorithm.explain(np.zeros(1, np.int64))
    assert outlook.chances.mean[0, 0] == pytest.approx(1.3, abs=0.1)
    assert outlook.chances.deviation[0, 0] == pytest.approx(math.sqrt(alpha / 2), rel=0.15)
    draws = training.algorithm.sample(np.zeros(2_000, np.int64), np.random.default_rng(0)).action
    assert draws.std() == pytest.approx(math.sqrt(alpha / 2), rel=0.15)


def test_the_price_is_learned_until_the_policy_is_as_undecided_as_it_should_be():
    config = {**QUICK, "target_entropy": -0.5}
    training = train("sac", Bandit(), total_steps=2_000, seed=0, config=config)
    learner = training.algorithm
    seen = np.zeros(2_000, np.int64)
    draws = learner.sample(seen, np.random.default_rng(0)).action.ravel() / 3  # bounds 3 from the middle
    assert 0.5 * math.log(2 * math.pi * math.e * draws.var()) == pytest.approx(-0.5, abs=0.3)
    assert learner.alpha != 1.0


@pytest.mark.parametrize(
    ("algorithm", "more"),
    [("sac", {"entropy_coef": 0.02}), ("td3", {"exploration_noise": 0.3, "learning_rate": 1e-3})],
)
def test_the_best_number_is_found_and_its_value_known(algorithm, more):
    training = train(algorithm, Bandit(), total_steps=2_000, seed=0, config={**QUICK, **more})
    assert training.agent().get_next_action(0) == pytest.approx(1.3, abs=0.25)
    assert training.algorithm.explain(np.zeros(1, np.int64)).state_value == pytest.approx(0, abs=0.25)


@pytest.mark.parametrize("name", ["sac", "td3"])
def test_actions_are_learned_as_networks_have_them_whoever_took_them(name):
    learner = make(name, MOVES)
    step = Step(
        np.zeros((1, 2), np.float32),
        np.array([[2.5]], np.float32),
        np.ones(1),
        np.array([True]),
        np.array([False]),
        np.zeros((1, 2), np.float32),
    )
    learner.learn(step)
    assert learner.memory.buffer.in_order().action == pytest.approx(0.5)


def make(name, action_space, network=None, **config):
    kind, settings = {
        "sac": (SoftActorCritic, SACConfig),
        "td3": (TwinDelayedPolicyGradient, TD3Config),
    }[name]
    return kind(SEEN, action_space, settings(**config), total_steps=100, seed=0, network=network)


@pytest.mark.parametrize("name", ["sac", "td3"])
def test_what_they_cannot_act_in_is_refused(name):
    with pytest.raises(ConfigError, match=rf"{name} needs actions of a Box of floats, not Discrete"):
        make(name, spaces.Discrete(2))
    learner = make(name, MOVES)
    for explore in (True, False):
        with pytest.raises(ConfigError, match="take no action mask"):
            learner.act(np.zeros((1, 2), np.float32), explore=explore, action_mask=np.ones((1, 1), np.int8))


@pytest.mark.parametrize("name", ["sac", "td3"])
def test_numbers_without_bounds_are_acted_in_from_minus_one_to_one(name):
    learner = make(name, spaces.Box(-np.inf, np.inf, (2, 3)), learning_starts=0)
    action = learner.act(np.zeros((500, 2), np.float32), explore=True).action
    assert action.shape == (500, 2, 3)
    assert 0.3 < np.abs(action).max() <= 1


def body():
    net = Net("body")
    for block in (InputBlock(SEEN), LinearBlock(hidden_size=[7])):
        net.add_block(block)
    net.compile()
    return net


@pytest.mark.parametrize(("name", "count"), [("sac", 2), ("td3", 1)])
def test_policy_and_critics_begin_with_the_body_that_was_given(name, count):
    given = body()
    learner = make(name, MOVES, given)
    for each in learner.critic.bodies:
        assert torch.equal(*(next(net.parameters()) for net in (each, given)))
        assert next(each.parameters()) is not next(given.parameters())
    whole = body().followed_by(OutputBlock(num_classes=count))
    learner = make(name, MOVES, whole)
    assert learner.actor is whole
    assert learner.critic.bodies[0].output_size == 2


@pytest.mark.parametrize("name", ["sac", "td3"])
def test_another_training_starts_from_policy_and_critics(name, tmp_path):
    settings = {"seed": 0, "config": BARE, "preset": None}
    first = train(name, "Pendulum-v1", total_steps=60, **settings, run_dir=tmp_path / "run")
    learned = first.algorithm.learned().state["critics"]
    begun = train(name, "Pendulum-v1", total_steps=31, **settings, start_from=tmp_path / "run").algorithm
    for key, tensor in begun.critic.state_dict().items():
        torch.testing.assert_close(tensor, learned[key], rtol=0, atol=0.01)
