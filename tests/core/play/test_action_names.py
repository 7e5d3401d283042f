"""What the actions of an environment are called."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from csai_core.play import action_names

NAMES = {
    "CartPole-v1": ("left", "right"),
    "MountainCar-v0": ("left", "nothing", "right"),
    "Blackjack-v1": ("s", "h"),
    "Pendulum-v1": None,
}


@pytest.mark.parametrize("env_id", NAMES)
def test_actions_are_called_by_their_keys_unless_the_game_says_otherwise(env_id):
    if env_id == "MountainCar-v0":
        pytest.importorskip("pygame")  # which knows what the codes of its keys are called
    assert action_names(gymnasium.make(env_id)) == NAMES[env_id]


def test_actions_that_a_wrapper_has_changed_have_no_names():
    env = gymnasium.wrappers.TransformAction(
        gymnasium.make("CartPole-v1"), lambda action: np.int64(action > 1), gymnasium.spaces.Discrete(4)
    )
    assert action_names(env) is None


@pytest.mark.parametrize(("own", "known"), [(("fall", "flap"), ("fall", "flap")), (("flap",), None)])
def test_an_environment_may_say_the_names_of_all_its_actions(own, known):
    env = gymnasium.make("CartPole-v1")
    env.unwrapped.action_names = own
    assert action_names(env) == known
