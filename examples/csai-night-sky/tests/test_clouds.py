"""Clouds hide a part of what is seen, and nothing else."""

import gymnasium
import numpy as np
import pytest
from csai_core.errors import ConfigError
from csai_core.testing import WrapperSuite

from csai_night_sky.clouds import Clouds


class TestClouds(WrapperSuite):
    """Everything a wrapper should pass."""

    entry_name = "clouds"


class Sky(gymnasium.Env):
    """A bright sky, in which nothing happens."""

    observation_space = gymnasium.spaces.Box(-1, 1, (2, 10, 20), np.float32)
    action_space = gymnasium.spaces.Discrete(2)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        return np.ones((2, 10, 20), np.float32), {}

    def step(self, action):
        return np.ones((2, 10, 20), np.float32), 0.0, False, False, {}


def test_a_cloud_hides_its_part():
    env = Clouds(Sky(), cover=0.5)
    observation, _ = env.reset(seed=1)
    assert env.observation_space.contains(observation)
    assert (observation == -1).sum() == 2 * 5 * 10
    assert (observation == 1).sum() == 2 * 200 - 2 * 5 * 10


def test_clouds_move_and_come_again_with_the_seed():
    env = Clouds(Sky())
    skies = [[env.reset(seed=3)[0], *(env.step(0)[0] for _ in range(5))] for _ in range(2)]
    assert np.array_equal(skies[0], skies[1])
    assert len(np.unique(np.reshape(skies[0], (6, -1)), axis=0)) > 3


def test_what_is_below_them_stays_as_it_was():
    image = np.ones((2, 10, 20), np.float32)
    Clouds(Sky(), cover=1).observation(image)
    assert image.min() == 1


def test_there_are_days_without():
    assert Clouds(Sky(), cover=0).reset(seed=1)[0].min() == 1


@pytest.mark.parametrize("cover", [-0.1, 1.5])
def test_a_cover_that_is_no_share(cover):
    with pytest.raises(ConfigError, match="cover"):
        Clouds(Sky(), cover)


def test_there_are_no_clouds_where_there_is_no_sky():
    with pytest.raises(ConfigError, match="they hide parts of images"):
        Clouds(gymnasium.make("CartPole-v1"))
