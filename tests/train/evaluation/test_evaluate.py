"""Evaluation: whole games, each from its own seed, judged by every number that is asked for."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from csai_core import Agent, RandomAgent
from csai_core.algorithm import Decision
from csai_core.errors import ConfigError, SpaceError
from csai_neural.errors import ShapeError
from csai_train import TrainedAgent, evaluate, train
from csai_train.errors import RunError, TrainingWarning
from csai_train.evaluation import evaluate as evaluation_module


class Always(Agent):
    def __init__(self, action):
        super().__init__()
        self.action = action

    def get_actions(self):
        return [self.action]

    def get_next_action(self, state):
        return self.action

    def update(self, state, action, next_state, reward):
        raise AssertionError("an evaluation teaches nothing")


def test_each_game_starts_from_its_own_seed():
    evaluation = evaluate(Always(1), "CartPole-v1", episodes=5, seed=10)
    env = gymnasium.make("CartPole-v1")
    for i in range(5):
        env.reset(seed=10 + i)
        length = 0
        is_over = False
        while not is_over:
            _, _, is_over, _, _ = env.step(1)
            length += 1
        assert (evaluation.returns[i], evaluation.lengths[i]) == (length, length)


def test_games_side_by_side_are_the_games_one_by_one():
    training = train(
        "deep_q_learning",
        "CartPole-v1",
        total_steps=1500,
        seed=0,
        config={"hidden_sizes": (16,), "learning_starts": 100},
    )
    many = evaluate(training, episodes=40, seed=3)
    single = gymnasium.make("CartPole-v1")
    one_by_one = evaluate(training.agent(), single, episodes=40, seed=3)
    np.testing.assert_array_equal(many.returns, one_by_one.returns)
    assert len(set(many.returns)) > 3


def test_scores_are_taken_where_the_game_keeps_them(corridor_id):
    evaluation = evaluate(Always(1), corridor_id, episodes=3, seed=0)
    assert evaluation.scores.tolist() == [5, 5, 5]
    assert evaluation.mean_score == 5
    assert evaluate(Always(1), "CartPole-v1", episodes=1).mean_score is None


def test_action_masks_are_kept_to():
    class Checking:
        def act(self, observation, *, explore, action_mask=None):
            assert not explore
            return Decision(action_mask.argmax(axis=1))

        def initial_memory(self, num_envs):
            return None

    env = gymnasium.make("Taxi-v4", max_episode_steps=5)
    agent = TrainedAgent(Checking(), env.observation_space, env.action_space)
    assert evaluate(agent, env.spec, episodes=3, seed=0).lengths.tolist() == [5, 5, 5]


def test_same_seed_same_games():
    agent = RandomAgent(gymnasium.make("CartPole-v1").action_space, seed=1)
    first = evaluate(Always(0), "CartPole-v1", 20, seed=5)
    np.testing.assert_array_equal(evaluate(Always(0), "CartPole-v1", 20, seed=5).returns, first.returns)
    assert evaluate(agent, "CartPole-v1", 20, seed=5).std_return > 0


def test_wrong_arguments():
    with pytest.raises(ConfigError, match="evaluate was given episodes=0"):
        evaluate(Always(0), "CartPole-v1", episodes=0)
    with pytest.raises(RunError, match="needs an environment"):
        evaluate(Always(0))
    with pytest.raises(RunError, match="nowhere is not a run"):
        evaluate("nowhere")


def test_a_run_is_evaluated_where_it_was_trained(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=50, run_dir=tmp_path / "run")
    assert len(evaluate(tmp_path / "run", episodes=3).returns) == 3


def test_the_sampled_policy_is_judged_by_the_same_games():
    config = {"hidden_sizes": (8,), "num_envs": 2}
    training = train("a2c", "CartPole-v1", total_steps=40, seed=1, config=config, preset=None)
    returns = [
        evaluate(training, episodes=20, seed=4, sample=sample).returns for sample in (True, True, False)
    ]
    np.testing.assert_array_equal(returns[0], returns[1])
    assert not np.array_equal(returns[0], returns[2])


def test_an_agent_that_was_not_trained_has_nothing_to_sample_from():
    with pytest.raises(ConfigError, match="only agents made from a training have a policy to sample from"):
        evaluate(Always(1), "CartPole-v1", episodes=1, sample=True)


class Endless(gymnasium.Env):
    """Ends in game 1 alone, after 20 steps."""

    observation_space = action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        self.left = 20 if seed == 1 else 10**9
        return 0, {}

    def step(self, action):
        self.left -= 1
        return 0, 1.0, self.left == 0, False, {}


@pytest.mark.parametrize("episodes", [1, 4])
def test_games_without_an_end_are_cut_short_which_is_said_once(episodes):
    with pytest.warns(
        TrainingWarning, match=r"has lasted 50 steps and is cut short .*max_episode_steps"
    ) as warned:
        evaluation = evaluate(Always(0), Endless(), episodes=episodes, seed=0, max_episode_steps=50)
    assert len(warned) == 1
    assert evaluation.lengths.tolist() == [50, 20, 50, 50][:episodes]
    assert evaluation.returns.tolist() == [50, 20, 50, 50][:episodes]
    assert evaluation.num_cut == (1 if episodes == 1 else 3)


def test_where_nobody_says_the_limit_is_the_one_of_all_games(monkeypatch):
    monkeypatch.setattr(evaluation_module, "longest_episode", lambda env: 30)
    with pytest.warns(TrainingWarning, match="has lasted 30 steps"):
        evaluation = evaluate(Always(0), Endless(), episodes=2, seed=0)
    assert evaluation.lengths.tolist() == [30, 20]
    with pytest.raises(ConfigError, match="max_episode_steps=0"):
        evaluate(Always(0), Endless(), max_episode_steps=0)
    assert evaluate(Always(0), Endless(), episodes=1, seed=1).num_cut == 0


@pytest.mark.parametrize("algorithm", ["deep_q_learning", "ppo", "q_learning"])
@pytest.mark.parametrize("environment", ["CartPole-v1", "FrozenLake8x8-v1"])
def test_an_environment_of_other_observations_is_refused(algorithm, environment):
    config = {"num_steps": 8} if algorithm == "ppo" else {}
    config |= {"learning_starts": 8, "batch_size": 4} if algorithm == "deep_q_learning" else {}
    training = train(algorithm, "FrozenLake-v1", total_steps=64, seed=0, preset=None, config=config)
    with pytest.raises((SpaceError, ShapeError), match=r"Discrete\(16\)"):
        evaluate(training, environment, episodes=20, seed=0)
