"""The algorithm passes csai's conformance suite, breeds as it should, and balances a pole."""

import csai_core
import numpy as np
import pytest
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.testing import AlgorithmSuite
from gymnasium.spaces import Box, Dict, Discrete

from csai_cross_entropy.cross_entropy import CrossEntropy, CrossEntropyConfig


class TestCrossEntropy(AlgorithmSuite):
    """Everything an algorithm should pass."""

    entry_name = "cross_entropy"


def make(total_steps=1000, **settings):
    """The algorithm for observations of one number and two actions."""
    config = CrossEntropyConfig(**settings)
    return CrossEntropy(Box(-1, 1, (1,)), Discrete(2), config, total_steps=total_steps, seed=1)


def step(reward, terminated=True, truncated=False, is_reset=None, memo=0):
    """A step of one environment."""
    row = np.zeros((1, 1))
    ends = np.array([terminated]), np.array([truncated])
    resets = None if is_reset is None else np.array([is_reset])
    memo = None if memo is None else np.array([memo])
    return Step(row, np.zeros(1, int), np.array([reward]), *ends, row, is_reset=resets, memo=memo)


def test_the_best_are_the_parents():
    algorithm = make(num_envs=1, population=4, elite=0.5, noise=0.0)
    policies = []
    for reward in (1.0, 4.0, 3.0, 2.0):
        policies.append(algorithm.policies[0].copy())
        metrics = algorithm.learn(step(reward))
    parents = np.stack([policies[1], policies[2]])
    assert algorithm.mean == pytest.approx(parents.mean(axis=0))
    assert algorithm.deviation == pytest.approx(parents.std(axis=0))
    assert (metrics["best"], metrics["generation"]) == (4.0, 2.5)


def test_an_episode_counts_as_a_whole_and_a_reset_does_not():
    algorithm = make(num_envs=1, population=9)
    first = algorithm.policies[0].copy()
    algorithm.learn(step(1.0, terminated=False))
    algorithm.learn(step(100.0, terminated=False, is_reset=True))
    assert np.array_equal(algorithm.policies[0], first)
    algorithm.learn(step(2.0, terminated=False, truncated=True))
    ((total, policy),) = algorithm.judged
    assert total == 3.0
    assert np.array_equal(policy, first)
    assert not np.array_equal(algorithm.policies[0], first)


def test_noise_is_gone_at_the_end():
    algorithm = make(total_steps=2, num_envs=1, population=2, elite=0.5, noise=0.5)
    algorithm.learn(step(0.0))
    algorithm.learn(step(1.0))
    assert (algorithm.deviation == 0).all()


def test_games_of_others_teach_nothing():
    with pytest.raises(ConfigError, match="its own policies' games"):
        make().learn(step(1.0, memo=None))


def test_observations_that_are_no_arrays_are_refused():
    space = Dict({"place": Box(-1, 1, (1,))})
    with pytest.raises(ConfigError, match="it takes arrays, such as a Box"):
        CrossEntropy(space, Discrete(2), CrossEntropyConfig(), total_steps=1, seed=1)


def play(algorithm, env, num_steps, explore):
    """Play some steps, from which the algorithm learns if it explores; the lengths of the episodes."""
    lengths, since = [], 0
    observation, _ = env.reset(seed=1)
    for now in range(1, num_steps + 1):
        decision = algorithm.act(observation[None], explore=explore)
        following, reward, terminated, truncated, _ = env.step(decision.action[0])
        if explore:
            ends = np.array([terminated]), np.array([truncated])
            rows = observation[None], decision.action, np.array([reward]), *ends, following[None]
            algorithm.learn(Step(*rows, memo=decision.memo))
        observation = following
        if terminated or truncated:
            lengths, since = [*lengths, now - since], now
            observation, _ = env.reset()
    return lengths


def test_it_balances_a_pole():
    env = csai_core.make("CartPole-v1")
    spaces = env.observation_space, env.action_space
    algorithm = CrossEntropy(*spaces, CrossEntropyConfig(num_envs=1), total_steps=25_000, seed=1)
    assert np.mean(play(algorithm, env, 500, explore=False)) < 20
    play(algorithm, env, 25_000, explore=True)
    assert np.mean(play(algorithm, env, 5000, explore=False)) > 450
