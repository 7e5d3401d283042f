"""SerialVectorEnv against Gymnasium's SyncVectorEnv in the mode SAME_STEP."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv

from csai_train.environments.serial import SerialVectorEnv
from csai_train.errors import RunError


class Nested(gymnasium.Env):
    """Dict observations with a Tuple inside, and episodes of random length."""

    def __init__(self):
        self.observation_space = spaces.Dict(
            {
                "picture": spaces.Box(0, 255, (2, 3), np.uint8),
                "pair": spaces.Tuple((spaces.Discrete(5), spaces.MultiBinary(3))),
            }
        )
        self.action_space = spaces.MultiDiscrete([3, 2])

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return self._observe(), {}

    def step(self, action):
        assert self.action_space.contains(np.asarray(action))
        roll = self.np_random.random()
        return self._observe(), float(action[0]), bool(roll < 0.1), bool(roll > 0.9), {}

    def _observe(self):
        draw = self.np_random.integers
        return {
            "picture": draw(0, 256, (2, 3)).astype(np.uint8),
            "pair": (np.int64(draw(5)), draw(0, 2, 3).astype(np.int8)),
        }


def assert_same(one, other):
    if isinstance(one, dict):
        assert set(one) == set(other)
        for name in one:
            assert_same(one[name], other[name])
    elif isinstance(one, tuple):
        for a, b in zip(one, other, strict=True):
            assert_same(a, b)
    else:
        np.testing.assert_array_equal(one, other)
        assert np.asarray(one).dtype == np.asarray(other).dtype


MAKERS = [
    Nested,
    lambda: gymnasium.make("CartPole-v1"),
    lambda: gymnasium.make("FrozenLake-v1"),
    lambda: gymnasium.make("Pendulum-v1", max_episode_steps=7),
]


@pytest.mark.parametrize("make", MAKERS)
def test_it_does_what_gymnasiums_does(make):
    ours = SerialVectorEnv([make() for _ in range(3)])
    theirs = SyncVectorEnv([make] * 3, autoreset_mode=AutoresetMode.SAME_STEP)
    assert ours.single_observation_space == theirs.single_observation_space
    assert ours.observation_space == theirs.observation_space
    assert ours.action_space == theirs.action_space
    assert_same(ours.reset(seed=5)[0], theirs.reset(seed=5)[0])
    theirs.action_space.seed(1)
    ended = 0
    for _ in range(150):
        action = theirs.action_space.sample()
        one, other = ours.step(action), theirs.step(action)
        for a, b in zip(one[:4], other[:4], strict=True):
            assert_same(a, b)
        assert ("final_obs" in one[4]) == ("final_obs" in other[4])
        if "final_obs" in one[4]:
            np.testing.assert_array_equal(one[4]["_final_obs"], other[4]["_final_obs"])
            for i in np.flatnonzero(one[4]["_final_obs"]):
                ended += 1
                assert_same(one[4]["final_obs"][i], other[4]["final_obs"][i])
    assert ended > 5


def test_action_masks_are_handed_on():
    envs = SerialVectorEnv([gymnasium.make("Taxi-v4") for _ in range(2)])
    _, info = envs.reset(seed=[1, 2])
    assert info["action_mask"].shape == (2, 6)
    _, _, _, _, info = envs.step(np.array([0, 1]))
    for i, env in enumerate(envs.envs):
        np.testing.assert_array_equal(info["action_mask"][i], env.unwrapped.action_mask(env.unwrapped.s))


def test_each_environment_has_a_seed_of_its_own():
    envs = SerialVectorEnv([gymnasium.make("CartPole-v1") for _ in range(2)])
    single = gymnasium.make("CartPole-v1")
    observation, _ = envs.reset(seed=7)
    np.testing.assert_array_equal(observation[1], single.reset(seed=8)[0])
    np.testing.assert_array_equal(envs.reset(seed=[3, 8])[0][1], observation[1])


def test_environments_with_other_spaces_are_refused():
    with pytest.raises(RunError, match=r"same spaces.*Discrete\(64\)"):
        SerialVectorEnv([gymnasium.make("FrozenLake-v1"), gymnasium.make("FrozenLake8x8-v1")])
    with pytest.raises(RunError, match="at least one"):
        SerialVectorEnv([])


def test_closing_closes_every_environment():
    closed = []
    envs = [Nested(), Nested()]
    for i, env in enumerate(envs):
        env.close = lambda i=i: closed.append(i)
    vector = SerialVectorEnv(envs)
    vector.close()
    assert closed == [0, 1]
