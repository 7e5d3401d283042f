"""Evaluation: whole games, each from its own seed, judged by every number that is asked for."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from csai_core import Agent, RandomAgent
from csai_core.algorithm import Decision
from csai_train import Evaluation, evaluate, train
from csai_train.agent import TrainedAgent
from csai_train.errors import RunError


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
        "deep_q_learning", "CartPole-v1", total_steps=1500, seed=0, config={"hidden_sizes": (16,)}
    )
    spaces = training.envs.single_observation_space, training.envs.single_action_space
    many = evaluate(training, episodes=40, seed=3)
    single = gymnasium.make("CartPole-v1")
    one_by_one = evaluate(TrainedAgent(training.algorithm, *spaces), single, episodes=40, seed=3)
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

    env = gymnasium.make("Taxi-v4", max_episode_steps=5)
    agent = TrainedAgent(Checking(), env.observation_space, env.action_space)
    assert evaluate(agent, env.spec, episodes=3, seed=0).lengths.tolist() == [5, 5, 5]


def test_statistics_by_hand():
    evaluation = Evaluation(np.array([1.0, 2.0, 3.0, 6.0]), np.array([1, 2, 3, 4]))
    assert (evaluation.mean_return, evaluation.mean_length) == (3, 2.5)
    assert evaluation.std_return == pytest.approx(3.5**0.5)
    low, high = evaluation.interval_return
    half = 3.182446 * (14 / 3) ** 0.5 / 2  # t of 3 degrees of freedom * std / sqrt(4)
    assert (low, high) == pytest.approx((3 - half, 3 + half), abs=0.01)


@pytest.mark.parametrize(
    ("count", "quantile"), [(2, 12.706), (3, 4.303), (5, 2.776), (10, 2.262), (31, 2.042), (101, 1.984)]
)
def test_the_interval_is_students(count, quantile):
    returns = np.arange(count, dtype=float)
    low, high = Evaluation(returns, np.ones(count, int)).interval_return
    assert (high - low) / 2 == pytest.approx(quantile * returns.std(ddof=1) / count**0.5, rel=2e-3)


def test_one_game_has_no_interval():
    assert np.isnan(Evaluation(np.array([1.0]), np.array([1])).interval_return).all()


def test_same_seed_same_games():
    agent = RandomAgent(gymnasium.make("CartPole-v1").action_space, seed=1)
    first = evaluate(Always(0), "CartPole-v1", 20, seed=5)
    np.testing.assert_array_equal(evaluate(Always(0), "CartPole-v1", 20, seed=5).returns, first.returns)
    assert evaluate(agent, "CartPole-v1", 20, seed=5).std_return > 0


def test_wrong_arguments():
    with pytest.raises(RunError, match="0 episodes"):
        evaluate(Always(0), "CartPole-v1", episodes=0)
    with pytest.raises(RunError, match="needs an environment"):
        evaluate(Always(0))
    with pytest.raises(RunError, match="nowhere is not a run"):
        evaluate("nowhere")


def test_a_run_is_evaluated_where_it_was_trained(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=50, run_dir=tmp_path / "run")
    assert len(evaluate(tmp_path / "run", episodes=3).returns) == 3


def test_the_agent_lists_its_actions(corridor):
    env = gymnasium.make("FrozenLake-v1")
    assert TrainedAgent(None, env.observation_space, env.action_space).get_actions() == [0, 1, 2, 3]
