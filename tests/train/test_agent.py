"""Agents made from trained algorithms."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces

from csai_core.errors import ConfigError, SpaceError
from csai_train import Callback, TrainedAgent, train
from csai_train.runs import checkpoint
from csai_train.runs.run import Run

SMALL = {
    "reinforce": {"hidden_sizes": (8,)},
    "a2c": {"hidden_sizes": (8,)},
    "ppo": {"hidden_sizes": (8,), "normalize_observation": True},
}


class Stop(Callback):
    def step(self, training):
        training.stop_requested = training.steps >= 40


def trained(algorithm, environment="CartPole-v1", **settings):
    """A training that was stopped when it had hardly begun."""
    config = {**SMALL.get(algorithm, {}), **settings}
    plan = {"total_steps": 5_000, "seed": 1, "config": config, "preset": None}
    return train(algorithm, environment, callbacks=[Stop()], **plan)


@pytest.mark.parametrize("algorithm", SMALL)
def test_a_sampling_agent_draws_as_its_policy_says_and_changes_nothing(algorithm):
    training = trained(algorithm)
    before = checkpoint.digests(training.state_dict())
    state = np.array([0.1, 0.2, -0.05, -0.3], np.float32)
    agents = [training.agent().sampling(seed) for seed in (1, 1, 2)]
    drawn = [[agent.get_next_action(state) for _ in range(400)] for agent in agents]
    assert drawn[0] == drawn[1] != drawn[2]
    assert 0.3 < np.mean(drawn[0]) < 0.7  # hardly trained: near one half
    assert {training.agent().get_next_action(state) for _ in range(9)} <= {0, 1}
    assert agents[0].get_allowed_action(state, [1, 0]) == 0
    assert checkpoint.digests(training.state_dict()) == before


@pytest.mark.parametrize("algorithm", SMALL)
def test_actions_that_are_numbers_are_drawn_too(algorithm):
    settings = {"normalize_observation": False} if algorithm == "ppo" else {}
    training = trained(algorithm, "Pendulum-v1", **settings)
    agent = training.agent().sampling(3)
    state = np.array([1.0, 0.0, 0.0], np.float32)
    drawn = np.array([agent.get_next_action(state) for _ in range(50)])
    assert drawn.std() > 0.3
    assert all(training.envs.single_action_space.contains(action) for action in drawn)


@pytest.mark.parametrize(
    ("algorithm", "environment"), [("q_learning", "FrozenLake-v1"), ("deep_q_learning", "CartPole-v1")]
)
def test_who_knows_only_what_is_best_has_nothing_to_sample_from(algorithm, environment):
    with pytest.raises(ConfigError, match="what was learned here is which action is best"):
        trained(algorithm, environment).agent().sampling(1)


@pytest.mark.parametrize("algorithm", ["q_learning", "deep_q_learning", "ppo"])
def test_an_agent_asked_for_a_state_of_another_form_says_so(algorithm):
    settings = {"normalize_observation": False} if algorithm == "ppo" else {}
    agent = trained(algorithm, "FrozenLake-v1", **settings).agent()
    assert agent.get_next_action(3) in range(4)
    for state in (np.array([0.5, 0.5], np.float32), (1, 2), {"cell": 3}):
        with pytest.raises(SpaceError, match=r"trained to observe Discrete\(16\) was asked .* another form"):
            agent.get_next_action(state)


def test_an_agent_of_parts_wants_all_of_them():
    space = spaces.Dict(
        {"a": spaces.Discrete(2), "b": spaces.Tuple([spaces.Box(0, 1, (2,)), spaces.Discrete(3)])}
    )
    agent = TrainedAgent(None, space, spaces.Discrete(2))
    with pytest.raises(SpaceError, match=r"'b': \(an array of shape \(3,\), 0\)}, which has another form"):
        agent.get_next_action({"a": 1, "b": (np.zeros(3), 0)})
    for state in ({"a": 1}, {"a": 1, "b": (np.zeros(2),)}, {"a": 1, "b": (np.zeros(3), 0)}, 5):
        with pytest.raises(SpaceError, match="another form"):
            agent.get_next_action(state)


def test_the_agent_lists_its_actions():
    env = gymnasium.make("FrozenLake-v1")
    assert TrainedAgent(None, env.observation_space, env.action_space).get_actions() == [0, 1, 2, 3]


def test_actions_of_a_box_cannot_be_listed():
    env = gymnasium.make("Pendulum-v1")
    with pytest.raises(ConfigError, match="cannot be listed"):
        TrainedAgent(None, env.observation_space, env.action_space).get_actions()


def test_an_agent_explains_what_it_does_in_named_actions_and_values():
    training = trained("deep_q_learning", hidden_sizes=(8,))
    state = np.array([0.1, 0.2, -0.05, -0.3], np.float32)
    told = training.agent().explain(state)
    (options,) = told.parts
    assert options.chosen == told.action == training.agent().get_next_action(state)
    assert options.values[options.chosen] == max(options.values) == told.value
    assert training.agent().explain(state, [0, 1]).action == 1
    both = training.agent().explain_all([state, state])
    assert [each.value for each in both] == pytest.approx([told.value] * 2, rel=1e-5)


def test_a_run_knows_what_its_actions_are_called(tmp_path):
    run_dir = tmp_path / "run"
    train("q_learning", "FrozenLake-v1", total_steps=50, seed=1, preset=None, run_dir=run_dir)
    told = Run.open(run_dir).agent().explain(0)
    assert told.parts[0].names == ("left", "down", "right", "up")
    assert told.parts[0].values == (0.0, 0.0, 0.0, 0.0)


def test_values_are_told_in_the_rewards_of_the_environment():
    """With rewards divided by their deviation, a value of 1 stands for that deviation."""
    training = trained("ppo", normalize_reward=True, reward_coef=0.5)
    state = np.array([0.1, 0.2, -0.05, -0.3], np.float32)
    algorithm = training.algorithm
    scaled = algorithm.backend.network.value(algorithm.scaler.scale(state[None]))[0]
    assert training.agent().explain(state).value == pytest.approx(scaled * algorithm.reward_scaler.unit / 0.5)


def test_numbers_are_explained_by_their_means_in_the_units_of_the_environment():
    training = trained("a2c", "Pendulum-v1")
    (amount,) = training.agent().explain(np.array([1.0, 0.0, 0.0], np.float32)).parts
    assert (amount.low, amount.high) == (-2.0, 2.0)
    assert amount.chosen == pytest.approx(np.clip(amount.mean, -2, 2), abs=1e-6)
    assert amount.deviation == pytest.approx(2.0, rel=0.1)


def test_an_agent_says_by_what_it_discounts_and_whether_it_draws():
    agent = trained("ppo", gamma=0.9).agent()
    assert (agent.gamma, agent.is_sampling) == (0.9, False)
    sampling = agent.sampling(1)
    assert (sampling.gamma, sampling.is_sampling) == (0.9, True)
    assert TrainedAgent(None, spaces.Discrete(2), spaces.Discrete(2)).gamma is None
