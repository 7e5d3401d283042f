"""Looking at a Shell through chosen attributes, under wrappers that stay in force."""

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.utils.env_checker import check_env
from gymnasium.wrappers import TimeLimit

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.testing.toys import EverySpace, Walk
from csai_train.environments.attribute_view import AttributeView


def test_one_attribute_is_bare_and_several_are_a_dict():
    shell = EverySpace()
    view = AttributeView(shell, "mood")
    assert view.observation_space == spaces.Discrete(3, start=-1)
    observation, _ = view.reset(seed=0)
    assert observation == shell.mood
    view = AttributeView(shell, ("pair", "mood"))
    assert set(view.observation_space) == {"pair", "mood"}
    observation, *_ = view.step(view.action_space.sample()) if view.reset(seed=0) else ()
    assert observation["mood"] == shell.mood
    assert np.array_equal(observation["pair"], shell.pair)


@pytest.mark.filterwarnings("ignore")
def test_it_is_an_environment_like_any_other():
    check_env(AttributeView(EverySpace(), ["mood", "lamps"]), skip_render_check=True)


def test_wrappers_below_stay_in_force():
    view = AttributeView(TimeLimit(Walk(9), 2), "position")
    view.reset(seed=0)
    assert view.step(1)[:4] == (1, -0.1, False, False)
    assert view.step(1)[:4] == (2, -0.1, False, True)


def test_what_cannot_be_viewed():
    with pytest.raises(UnknownNameError, match="position"):
        AttributeView(Walk(), "positon")
    with pytest.raises(ConfigError, match="no Shell"):
        AttributeView(TimeLimit(__import__("gymnasium").make("CartPole-v1"), 3), "position")
