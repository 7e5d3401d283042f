"""Opening environments: every form they may be given in, and every wrong one."""

from __future__ import annotations

import gymnasium
import pytest
from gymnasium.vector import SyncVectorEnv

from csai_core.errors import UnknownNameError
from csai_train.errors import RunError
from csai_train.opening import make_single, open_environments, specify


def test_an_id_with_options_becomes_a_specification_that_can_be_made_anywhere():
    spec = specify("FrozenLake-v1", {"is_slippery": False})
    assert make_single(spec).unwrapped.P[0][1] == [(1.0, 4, 0, False)]


def test_an_unknown_id_is_answered_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'CartPole-v1'"):
        specify("CartPol-v1")


def test_an_option_that_is_refused_is_named():
    with pytest.raises(RunError, match=r"FrozenLake-v1 cannot be made with \{'hight': 3\}.*hight"):
        specify("FrozenLake-v1", {"hight": 3})


def test_an_environment_whose_packages_are_missing_says_so():
    with pytest.raises(RunError, match=r"Ant-v5 cannot be made.*mujoco|Ant-v5 cannot be made.*MuJoCo"):
        specify("Ant-v5")


@pytest.mark.parametrize(
    "environment",
    ["CartPole-v1", gymnasium.spec("CartPole-v1"), gymnasium.make("CartPole-v1")],
    ids=["id", "spec", "environment"],
)
def test_one_environment_is_made_as_often_as_wanted(environment):
    envs = open_environments(environment, 3)
    assert envs.num_envs == 3
    assert len({id(env.unwrapped) for env in envs.envs}) == 3


def test_an_environment_that_is_given_is_used_itself():
    env = gymnasium.make("CartPole-v1")
    assert open_environments(env, 2).envs[0].unwrapped is env.unwrapped


def test_a_vector_environment_is_used_as_it_is_but_gymnasiums_serial_one_is_taken_apart():
    sync = SyncVectorEnv([lambda: gymnasium.make("CartPole-v1")] * 2)
    envs = open_environments(sync, 1)
    assert [env.unwrapped for env in envs.envs] == [env.unwrapped for env in sync.envs]
    assert open_environments(envs, 7) is envs


def test_several_of_an_environment_that_cannot_be_made_again_are_refused(corridor):
    with pytest.raises(RunError, match="3 environments are wanted"):
        open_environments(corridor(), 3)


def test_a_render_mode_of_the_specification_is_not_trained_with():
    spec = gymnasium.make("FrozenLake-v1", render_mode="ansi").spec
    assert make_single(spec).render_mode is None
