"""`train` takes the preset that `csai train` takes, unless it is told otherwise."""

from __future__ import annotations

from dataclasses import replace

import gymnasium
import pytest

from csai_core import presets
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.schedules import Schedule
from csai_train import Callback, PPOConfig, train
from csai_train.environments.make import specify

PRESET = presets.find("CartPole-v1", "ppo")


class AtOnce(Callback):
    def start(self, training):
        training.stop_requested = True


def planned(environment="CartPole-v1", algorithm="ppo", **settings):
    """A training that is planned and takes no step."""
    return train(algorithm, environment, seed=0, callbacks=[AtOnce()], **settings)


def test_the_preset_of_algorithm_and_environment_is_taken():
    training = planned()
    assert training.total_steps == PRESET.total_steps
    assert training.envs.num_envs == PRESET.config["num_envs"]
    assert training.algorithm.config.gamma == PRESET.config["gamma"]


def test_fields_that_are_given_win_over_the_presets():
    training = planned(total_steps=600, config={"gamma": 0.5})
    assert (training.total_steps, training.algorithm.config.gamma) == (600, 0.5)
    assert training.algorithm.config.num_steps == PRESET.config["num_steps"]


def test_a_preset_may_say_a_schedule(monkeypatch):
    falling = replace(PRESET, config={**PRESET.config, "learning_rate": "cosine:3e-4->0"})
    monkeypatch.setattr(presets, "choose", lambda *args, **kwargs: falling)
    assert planned().algorithm.config.learning_rate == Schedule("cosine", 3e-4, 0)
    assert planned(config={"learning_rate": 0.5}).algorithm.config.learning_rate == 0.5


def test_a_preset_may_bring_wrappers_which_others_replace(monkeypatch):
    wrapped = replace(PRESET, wrappers=["FrameStackObservation:stack_size=3"])
    monkeypatch.setattr(presets, "choose", lambda *args, **kwargs: wrapped)
    assert planned().envs.single_observation_space.shape == (3, 4)
    other = planned(wrappers=["FrameStackObservation:stack_size=2"])
    assert other.envs.single_observation_space.shape == (2, 4)


def test_a_whole_config_is_taken_as_it_is():
    training = planned(config=PPOConfig(num_envs=2))
    assert training.algorithm.config == PPOConfig(num_envs=2)
    assert training.total_steps == PRESET.total_steps


def test_without_a_preset_there_are_plain_defaults_and_somebody_says_how_long():
    assert planned(preset=None, total_steps=2000).algorithm.config == PPOConfig()
    with pytest.raises(ConfigError, match="train needs total_steps, such as 100_000: no preset of ppo"):
        planned(preset=None)
    with pytest.raises(ConfigError, match="no preset of reinforce"):
        planned(algorithm="reinforce")


def test_a_preset_can_be_named_and_must_be_for_the_algorithm():
    assert planned(preset="ppo").total_steps == PRESET.total_steps
    with pytest.raises(UnknownNameError, match="No preset of CartPole-v1 named 'pppo'"):
        planned(preset="pppo")
    with pytest.raises(ConfigError, match="'a2c' of CartPole-v1 is one for a2c, not for ppo"):
        planned(preset="a2c")


def test_a_specification_keeps_its_options_and_takes_the_presets_config():
    training = planned(specify("CartPole-v1", {"max_episode_steps": 7}))
    assert training.environment.max_episode_steps == 7
    assert training.total_steps == PRESET.total_steps


def test_environments_that_are_made_already_have_no_preset():
    env = gymnasium.make("CartPole-v1")
    assert planned([env], total_steps=128).algorithm.config == PPOConfig(num_envs=1)
    with pytest.raises(ConfigError, match="'ppo' was asked for an environment that is made already"):
        planned(env, total_steps=9, preset="ppo")
