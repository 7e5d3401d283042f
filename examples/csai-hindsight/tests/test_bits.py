"""The world of bits, single and in batches."""

import csai_core
import numpy as np
import pytest
from csai_core.errors import ConfigError
from csai_core.testing import EnvironmentSuite

from csai_hindsight.bits import BitFlipEnv, compute_reward, compute_terminated


class TestFew(EnvironmentSuite):
    """Everything an environment should pass, its batch included."""

    environment_id = "BitFlip/Few-v0"


@pytest.fixture
def env():
    env = BitFlipEnv(3, render_mode="ansi")
    env.reset(seed=1)
    env.bits[:], env.goal[:] = [0, 1, 1], [1, 1, 0]
    return env


def test_only_the_last_flip_pays_and_ends_the_episode(env):
    observation, reward, terminated, truncated, info = env.step(0)
    assert observation["achieved_goal"].tolist() == observation["observation"].tolist() == [1, 1, 1]
    assert (reward, terminated, truncated, info) == (-1.0, False, False, {"score": 2})
    assert env.render() == "111\n110"
    observation, reward, terminated, _, info = env.step(2)
    assert observation["desired_goal"].tolist() == [1, 1, 0]
    assert (reward, terminated, info) == (0.0, True, {"score": 3})
    assert env.has_won()


def test_goals_are_judged_in_batches():
    achieved, desired = np.array([[0, 1], [1, 1]]), np.array([[0, 1], [0, 1]])
    assert compute_reward(achieved, desired).tolist() == [0.0, -1.0]
    assert compute_terminated(achieved, desired).tolist() == [True, False]


def test_no_episode_starts_at_its_goal():
    env = BitFlipEnv(1)
    for seed in range(50):
        observation, _ = env.reset(seed=seed)
        assert observation["achieved_goal"] != observation["desired_goal"]


def test_an_episode_has_as_many_steps_as_there_are_bits():
    env = csai_core.make("BitFlip/Many-v0")
    env.reset(seed=1)
    assert [env.step(0)[3] for _ in range(15)] == [False] * 14 + [True]


def test_a_number_of_bits_that_is_none():
    with pytest.raises(ConfigError, match=r"num_bits=0; it must be an integer of 1 or more"):
        BitFlipEnv(0)
