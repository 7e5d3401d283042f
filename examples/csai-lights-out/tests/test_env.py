"""The environment, reached as everybody else reaches it: by its id."""

import copy

import csai_core
import gymnasium
import numpy as np
import pytest
from csai_core.errors import ConfigError
from csai_core.testing import EnvironmentSuite

from csai_lights_out.env import LightsOutEnv


class TestSmall(EnvironmentSuite):
    """Everything an environment should pass."""

    environment_id = "LightsOut/Small-v0"


class TestLarge(EnvironmentSuite):
    """The same, with more lamps."""

    environment_id = "LightsOut/Large-v0"


@pytest.fixture
def env():
    env = LightsOutEnv(render_mode="ansi")
    env.reset(seed=1)
    return env


def test_the_last_press_pays_and_ends_the_game(env):
    env.lamps[:] = [[1, 1, 0], [1, 0, 0], [0, 0, 0]]
    observation, reward, terminated, truncated, info = env.step(0)
    assert not observation.any()
    assert env.has_won()
    assert (reward, terminated, truncated, info) == (1.0, True, False, {"score": 9})


def test_other_presses_cost_a_little(env):
    env.lamps[:] = 1
    _, reward, terminated, _, _ = env.step(4)
    assert (reward, terminated) == (-0.02, False)
    assert env.render() == "*.*\n...\n*.*"


def test_a_long_game_is_truncated():
    env = csai_core.make("LightsOut/Small-v0")
    env.reset(seed=1)
    presses = [0, 0] * 25  # one lamp, on and off again
    assert [env.step(press)[3] for press in presses] == [False] * 49 + [True]


def test_the_same_seed_plays_the_same_game():
    games = [csai_core.make("LightsOut/Large-v0") for _ in range(2)]
    first, again = (game.reset(seed=5)[0] for game in games)
    assert np.array_equal(first, again)
    assert not np.array_equal(first, games[0].reset(seed=6)[0])


def test_it_goes_on_from_a_saved_state(env):
    saved = copy.deepcopy(env.state_dict())
    ahead = [env.step(action)[0] for action in (3, 1, 4)]
    env.load_state_dict(saved)
    again = [env.step(action)[0] for action in (3, 1, 4)]
    assert np.array_equal(ahead, again)


def test_many_games_side_by_side():
    envs = csai_core.make_vec("LightsOut/Small-v0", 3, vectorization_mode="sync")
    observation, _ = envs.reset(seed=1)
    assert observation.shape == (3, 3, 3)


def test_a_size_that_is_no_game():
    with pytest.raises(ConfigError, match=r"size=1; it must be an integer of 2 or more"):
        gymnasium.make("LightsOut/Small-v0", size=1)
