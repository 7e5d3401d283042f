"""The arm that reaches for points."""

import csai_core
import numpy as np
import pytest
from csai_core.testing import EnvironmentSuite

from csai_hindsight.arm import ArmEnv, compute_reward, compute_terminated, joints


class TestArm(EnvironmentSuite):
    """Everything an environment should pass."""

    environment_id = "Reach/Arm-v0"


def test_where_the_joints_are():
    assert joints(np.zeros(2)) == pytest.approx(np.array([[0.5, 0], [1, 0]]))
    assert joints(np.array([np.pi / 2, -np.pi / 2])) == pytest.approx(np.array([[0, 0.5], [0.5, 0.5]]))
    assert joints(np.array([0.3, np.pi]))[1] == pytest.approx(np.zeros(2))


def test_only_the_goal_pays_and_ends_the_episode():
    env = ArmEnv()
    env.reset(seed=1)
    env.angles, env.goal = np.array([0.0, -0.3]), joints(np.zeros(2))[1]
    observation, reward, terminated, truncated, _ = env.step(np.array([0, 0.5], np.float32))
    assert env.angles == pytest.approx([0, -0.2])
    assert observation["achieved_goal"] == pytest.approx([0.5 + 0.5 * np.cos(0.2), -0.5 * np.sin(0.2)])
    assert (reward, terminated, truncated) == (-1.0, False, False)
    observation, reward, terminated, _, _ = env.step(np.array([0, 1], np.float32))
    assert (reward, terminated, env.has_won()) == (0.0, True, True)
    assert observation["observation"] == pytest.approx([1, 1, 0, 0])


def test_goals_are_judged_in_batches():
    achieved = np.array([[0, 0], [0, 0], [0.5, 0.5]], np.float32)
    desired = np.array([[0.03, 0.03], [0.04, 0.04], [0.5, 0.5]], np.float32)
    assert compute_reward(achieved, desired).tolist() == [0.0, -1.0, 0.0]
    assert compute_terminated(achieved, desired).tolist() == [True, False, True]


def test_no_episode_starts_at_its_goal_and_each_has_fifty_steps():
    env = csai_core.make("Reach/Arm-v0")
    for seed in range(100):
        observation, _ = env.reset(seed=seed)
        assert not compute_terminated(observation["achieved_goal"], observation["desired_goal"])
    still = np.zeros(2, np.float32)
    assert [env.step(still)[3] for _ in range(50)] == [False] * 49 + [True]
