"""What every game of this package must do, over all registered ids."""

import subprocess
import sys

import gymnasium
import pytest
from gymnasium.utils.env_checker import check_env

from csai_envs.hooks import ENVIRONMENTS, csai_environments

IDS = [spec.id for spec in ENVIRONMENTS]


@pytest.mark.parametrize("environment_id", IDS)
@pytest.mark.parametrize("render_mode", [None, "human", "rgb_array", "ansi"])
def test_gymnasiums_checker_has_nothing_to_say(environment_id, render_mode):
    env = gymnasium.make(environment_id, render_mode=render_mode, target_fps=1000)
    check_env(env.unwrapped)


@pytest.mark.parametrize("environment_id", IDS)
def test_the_checker_has_nothing_to_say_of_games_made_by_their_class(environment_id):
    env = type(gymnasium.make(environment_id).unwrapped)(target_fps=1000)
    check_env(env)
    assert env.spec.make().unwrapped.target_fps == 1000


@pytest.mark.parametrize("environment_id", IDS)
def test_a_thousand_random_steps_stay_inside_the_spaces(environment_id):
    env = gymnasium.make(environment_id)
    env.action_space.seed(0)
    observation, _ = env.reset(seed=0)
    for _ in range(1000):
        assert observation in env.observation_space
        observation, reward, terminated, truncated, info = env.step(env.action_space.sample())
        assert reward == pytest.approx(sum(info["reward_parts"].values()))
        assert "score" in info
        if terminated or truncated:
            observation, _ = env.reset()


@pytest.mark.parametrize("environment_id", IDS)
def test_keys_mean_actions(environment_id):
    env = gymnasium.make(environment_id).unwrapped
    assert env.keys_to_action
    assert all(action in env.action_space for action in env.keys_to_action.values())


def test_ids_resolve_through_the_module_and_the_hook():
    assert [spec.id for spec in csai_environments()] == IDS
    assert gymnasium.make("csai_envs:CSAI/Snake-v0").spec.id == "CSAI/Snake-v0"


def test_importing_is_cheap_and_quiet():
    program = (
        "import sys, csai_envs; "
        "assert not {'pygame', 'torch', 'csai_envs.snake.env'} & sys.modules.keys(), sys.modules.keys()"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert result.stdout == result.stderr == ""
