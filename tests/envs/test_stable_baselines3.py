"""Stable-Baselines3 finds nothing wrong with the games, and its PPO and DQN train on them as they are."""

import re
from pathlib import Path

import gymnasium
import pytest

from csai_envs.hooks import ENVIRONMENTS

pytest.importorskip("stable_baselines3", reason="Stable-Baselines3 is not installed")
from stable_baselines3 import DQN, PPO
from stable_baselines3.common.env_checker import check_env

IDS = [spec.id for spec in ENVIRONMENTS]
SETTINGS = {
    PPO: {"n_steps": 64, "batch_size": 32, "n_epochs": 2},
    DQN: {"learning_starts": 64, "batch_size": 32, "buffer_size": 1000},
}


# Boards of 0 and 1 have the shape of images and are none: the checker's advice for those is not for them.
@pytest.mark.filterwarnings("ignore:.*(image|36x36).*:UserWarning")
@pytest.mark.parametrize("environment_id", IDS)
def test_the_checker_has_nothing_to_say(environment_id):
    check_env(gymnasium.make(environment_id))


@pytest.mark.parametrize("algorithm", SETTINGS, ids=lambda algorithm: algorithm.__name__)
@pytest.mark.parametrize("environment_id", IDS)
def test_it_trains(algorithm, environment_id):
    model = algorithm("MlpPolicy", environment_id, seed=0, device="cpu", **SETTINGS[algorithm])
    model.learn(256)
    observation, _ = gymnasium.make(environment_id).reset(seed=0)
    action, _ = model.predict(observation)
    assert action in model.action_space


def test_what_the_document_shows_runs():
    page = (Path(__file__).parents[2] / "docs" / "environments" / "README.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```python\n(.*?)```", page, flags=re.DOTALL)
    exec(block.replace("20_000", "64"), {})
