"""The memory: which goals it puts in the place of others, and what they pay."""

import gymnasium
import numpy as np
import pytest
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.testing import BufferSuite
from csai_train import train
from gymnasium.vector import SyncVectorEnv

from csai_hindsight.bits import BitFlipEnv
from csai_hindsight.hindsight import HindsightReplayBuffer


class TestHindsight(BufferSuite):
    """Everything a buffer should pass."""

    entry_name = "hindsight"


class Line(gymnasium.Env):
    """Tells what goals pay on a line of numbers; it is never played."""

    observation_space = gymnasium.spaces.Dict(achieved_goal=gymnasium.spaces.Box(0, 9, (1,)))
    action_space = gymnasium.spaces.Discrete(2)

    def compute_reward(self, achieved_goal, desired_goal, info):
        assert info == {}
        return -np.abs(achieved_goal - desired_goal)[:, 0]


def goals(numbers, wanted):
    """Observations of some numbers, and of what is wanted of each environment."""
    achieved = np.array(numbers, np.float64)[:, None]
    return {"achieved_goal": achieved, "desired_goal": np.full_like(achieved, wanted)}


def step_of(numbers, ends=(False, False), **changes):
    """A step of two environments from some numbers to the next ones; 100 is wanted."""
    following = [number + 1 for number in numbers]
    no = np.zeros(2, bool)
    step = Step(goals(numbers, 100), np.zeros(2), np.full(2, -1.0), no, np.array(ends), goals(following, 100))
    return step._replace(**changes)


@pytest.fixture
def buffer():
    """What two environments did: episodes of 3 steps, from 0 and from 50, then the first of the next ones."""
    buffer = HindsightReplayBuffer(capacity=100, num_goals=4, seed=0)
    buffer.set_envs(SyncVectorEnv([Line]))
    for time in range(3):
        buffer.extend(step_of([time, 50 + time], (time == 2, time == 2)))
    buffer.extend(step_of([10, 60]))
    return buffer


def test_goals_were_achieved_later_in_the_same_episode(buffer):
    batch = buffer.sample(4_000)
    number = batch.observation["achieved_goal"][:, 0]
    goal = batch.observation["desired_goal"][:, 0]
    found = {n: set(goal[number == n]) for n in np.unique(number)}
    assert found == {
        0: {1, 2, 3, 100},
        1: {2, 3, 100},
        2: {3, 100},
        50: {51, 52, 53, 100},
        51: {52, 53, 100},
        52: {53, 100},
        10: {11, 100},
        60: {61, 100},
    }
    assert np.array_equal(batch.next_observation["desired_goal"][:, 0], goal)


def test_four_of_five_have_another_goal_and_are_paid_for_it(buffer):
    batch = buffer.sample(4_000)
    goal = batch.observation["desired_goal"][:, 0]
    own = goal == 100
    assert own.mean() == pytest.approx(0.2, abs=0.02)
    assert set(batch.reward[own]) == {-1.0}
    paid = -np.abs(batch.next_observation["achieved_goal"][:, 0] - goal)
    assert np.array_equal(batch.reward[~own], paid[~own])


def test_what_is_stored_keeps_its_own_goal(buffer):
    buffer.sample(100)
    stored = buffer.in_order()
    assert set(stored.observation["desired_goal"].ravel()) == {100}
    assert set(stored.reward) == {-1.0}


def test_achieved_goals_end_the_episode_where_the_environment_says_so():
    buffer = HindsightReplayBuffer(capacity=100, seed=0)
    buffer.set_envs(SyncVectorEnv([lambda: BitFlipEnv(2)]))
    bits = np.array([[0, 0], [0, 1], [1, 1]], np.int8)
    for time in range(2):
        before, after = bits[time : time + 1], bits[time + 1 : time + 2]
        seen, led_to = (
            {"observation": each, "achieved_goal": each, "desired_goal": 1 - bits[1:2]}
            for each in (before, after)
        )
        buffer.extend(
            Step(seen, np.array([1 - time]), np.array([-1.0]), *np.array([[False], [time == 1]]), led_to)
        )
    batch = buffer.sample(500)
    is_there = (batch.next_observation["achieved_goal"] == batch.observation["desired_goal"]).all(axis=1)
    assert np.array_equal(batch.terminated, is_there)
    assert np.array_equal(batch.reward, is_there - 1.0)
    assert 0.4 < is_there.mean() < 0.9


def test_episodes_that_were_cut_are_not_joined_with_the_next(buffer):
    buffer.cut_episodes()
    buffer.extend(step_of([70, 80]))
    batch = buffer.sample(2_000)
    number, goal = (batch.observation[name][:, 0] for name in ("achieved_goal", "desired_goal"))
    assert set(goal[number == 10]) == {11, 100}


def test_written_over_they_are_forgotten_and_nothing_grows():
    buffer = HindsightReplayBuffer(capacity=10, seed=0)
    buffer.set_envs(SyncVectorEnv([Line]))
    for time in range(400):
        end = time % 4 == 3
        buffer.extend(step_of([time, 1000 + time], (end, end)))
    assert len(buffer._steps) <= 5
    batch = buffer.sample(1_000)
    number, goal = (batch.observation[name][:, 0] for name in ("achieved_goal", "desired_goal"))
    later = goal != 100
    assert ((goal - number)[later] >= 1).all()
    assert ((goal - number)[later] <= 4).all()


def test_saved_and_restored_it_goes_on_with_its_episodes(buffer):
    other = HindsightReplayBuffer(capacity=100)
    other.set_envs(SyncVectorEnv([Line]))
    other.load_state_dict(buffer.state_dict())
    for each in (buffer, other):
        each.extend(step_of([11, 61], (True, True)))
    for _ in range(3):
        one, two = buffer.sample(50), other.sample(50)
        assert np.array_equal(one.observation["desired_goal"], two.observation["desired_goal"])
        assert np.array_equal(one.reward, two.reward)


def test_without_environments_it_says_what_is_missing(buffer):
    other = HindsightReplayBuffer(capacity=buffer.capacity, seed=0)
    other.load_state_dict(buffer.state_dict())
    with pytest.raises(ConfigError, match=r"does not know what other goals pay.*set_envs"):
        other.sample(50)


@pytest.mark.parametrize("num_goals", [0])
def test_with_no_other_goals_it_needs_none(num_goals):
    buffer = HindsightReplayBuffer(num_goals=num_goals, seed=0)
    buffer.extend(step_of([1, 2]))
    assert set(buffer.sample(50).observation["desired_goal"].ravel()) == {100}


def test_environments_that_do_not_know_goals_are_refused():
    with pytest.raises(ConfigError, match=r"needs environments that tell what a goal pays"):
        train("deep_q_learning", "CartPole-v1", total_steps=2_000, config={"buffer": "hindsight"})


def test_observations_without_goals_are_refused():
    buffer = HindsightReplayBuffer()
    with pytest.raises(ConfigError, match=r"achieved_goal and desired_goal"):
        buffer.store_memory(np.zeros(2), 0, None, None, 0.0, True)
    buffer.extend(step_of([1, 2]))
    assert buffer.size() == 2


def test_joined_steps_are_refused():
    with pytest.raises(ConfigError, match=r"set n_step to 1"):
        HindsightReplayBuffer().extend(step_of([1, 2]), num_steps=3)
