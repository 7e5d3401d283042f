"""Steps that somebody else decided: learned from where the method allows it, refused in words where not."""

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_core.options import build
from csai_core.plugins import installed

THREE = spaces.Discrete(3)


def make(name, **config):
    entry = installed().find("algorithms", name)
    settings = build(entry.load_config(), {"num_envs": 4, **config})
    return entry.load()(THREE, THREE, settings, total_steps=10_000, seed=0)


def demonstrations(count):
    """Four players who act at random; giving back what is seen pays 1, and ends the game."""
    random = np.random.default_rng(0)
    for _ in range(count):
        observation, action, following = random.integers(3, size=(3, 4))
        ended, no = np.ones(4, dtype=np.bool_), np.zeros(4, dtype=np.bool_)
        yield Step(observation, action, (observation == action).astype(np.float64), ended, no, following)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("q_learning", {"learning_rate": 0.3}),
        ("deep_q_learning", {"hidden_sizes": (16,), "learning_starts": 50, "learning_rate": 5e-3}),
        (
            "deep_q_learning",
            {"hidden_sizes": (16,), "learning_starts": 50, "n_step": 3, "learning_rate": 5e-3},
        ),
    ],
)
def test_off_policy_methods_learn_from_demonstrations_without_ever_having_acted(name, config):
    algorithm = make(name, **config)
    for step in demonstrations(400):
        algorithm.learn(step)
    assert algorithm.act(np.arange(3), explore=False).action.tolist() == [0, 1, 2]


@pytest.mark.parametrize("name", ["reinforce", "a2c", "ppo"])
def test_on_policy_methods_say_that_they_cannot(name):
    with pytest.raises(ConfigError, match=rf"{name} was given a step without the memo.*on policy"):
        make(name).learn(next(demonstrations(1)))


@pytest.mark.parametrize("name", ["reinforce", "a2c", "ppo"])
def test_decisions_may_be_learned_from_after_others_were_made(name):
    """Two games played by turns, as two actors would: each Step brings what its own decision needs."""

    def play(is_interleaved):
        algorithm = make(name, num_envs=2)
        first, second = np.array([0, 1]), np.array([2, 0])
        no = np.zeros(2, dtype=np.bool_)
        one = algorithm.act(first, explore=True)
        if is_interleaved:
            other = algorithm.act(second, explore=True)
            algorithm.learn(Step(first, one.action, np.ones(2), no, no, second, memo=one.memo))
        else:
            algorithm.learn(Step(first, one.action, np.ones(2), no, no, second, memo=one.memo))
            other = algorithm.act(second, explore=True)
        algorithm.learn(Step(second, other.action, np.ones(2), no, no, first, memo=other.memo))
        return algorithm.state_dict()

    kept = "playing" if name == "reinforce" else "rollout"
    np.testing.assert_equal(play(is_interleaved=False)[kept], play(is_interleaved=True)[kept])
