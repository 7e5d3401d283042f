"""Agents made from trained algorithms."""

from __future__ import annotations

import gymnasium
import pytest

from csai_core.errors import ConfigError
from csai_train import TrainedAgent


def test_the_agent_lists_its_actions():
    env = gymnasium.make("FrozenLake-v1")
    assert TrainedAgent(None, env.observation_space, env.action_space).get_actions() == [0, 1, 2, 3]


def test_actions_of_a_box_cannot_be_listed():
    env = gymnasium.make("Pendulum-v1")
    with pytest.raises(ConfigError, match="cannot be listed"):
        TrainedAgent(None, env.observation_space, env.action_space).get_actions()
