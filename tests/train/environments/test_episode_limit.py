"""Limits of episodes in single environments; test_autoreset.py has those of vector environments."""

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

from csai_core.testing.toys import Walk
from csai_train.environments.episode_limit import StepLimit
from csai_train.environments.make import make_single
from csai_train.runs import env_spec


def test_an_episode_is_cut_short_and_the_next_is_whole():
    env = StepLimit(Walk(9), 2)
    for _ in range(2):
        env.reset(seed=0)
        assert env.step(1)[2:4] == (False, False)
        assert env.step(1)[2:4] == (False, True)


@pytest.mark.filterwarnings("ignore:.*different from the unwrapped")
def test_it_is_an_environment_like_any_other():
    check_env(StepLimit(Walk(9), 5), skip_render_check=True)


def test_it_stands_beside_the_environments_own_limit_when_that_is_made_again():
    env = StepLimit(gymnasium.make("CartPole-v1", max_episode_steps=30), 20)
    again = make_single(env_spec.restore(env_spec.describe(env.spec)))
    assert isinstance(again, StepLimit)
    assert again.max_steps == 20
    assert again.spec == env.spec
    assert again.spec.max_episode_steps == 30
