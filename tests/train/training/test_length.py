"""Trainings that are too short to learn from are refused, and what no update has seen is counted."""

from __future__ import annotations

import pytest
from gymnasium import spaces

from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_train import Callback, train
from csai_train.errors import TrainingWarning
from csai_train.runs.events_file import read_events
from csai_train.training.length import require_update

SETTINGS = {
    "q_learning": [{}, {"num_envs": 3, "rule": "expected_sarsa"}],
    "deep_q_learning": [
        {"learning_starts": starts, "train_every": every, "num_envs": envs, "n_step": n, "batch_size": 8}
        for starts, every, envs, n in (
            (0, 1, 1, 1),
            (20, 4, 1, 1),
            (20, 4, 3, 1),
            (7, 16, 3, 3),
            (9, 5, 8, 1),
        )
    ],
    "reinforce": [{"episodes_per_update": 3, "num_envs": 1}, {"episodes_per_update": 5, "num_envs": 2}],
    "a2c": [{"num_envs": 3, "num_steps": 5}, {"num_envs": 1, "num_steps": 1}],
    "ppo": [{"num_envs": 3, "num_steps": 5}, {"num_envs": 1, "num_steps": 8, "num_minibatches": 1}],
    "sac": [{"learning_starts": 7, "train_every": 16, "num_envs": 3, "n_step": 3, "batch_size": 8}],
    "td3": [{"learning_starts": 0, "batch_size": 8}],
}
CASES = [(name, config) for name, configs in SETTINGS.items() for config in configs]


class Updates(Callback):
    """Notes after how many steps the algorithm learned."""

    def __init__(self):
        self.steps = []

    def update(self, training, metrics):
        self.steps.append(training.steps)


@pytest.fixture
def blinks(copycat):
    """Environments whose episodes last a single step."""

    class Blink(copycat):
        def step(self, action):
            observation, reward, _, truncated, info = super().step(action)
            return observation, reward, True, truncated, info

    return lambda count: [Blink(spaces.Discrete(2)) for _ in range(count)]


def test_every_algorithm_says_when_it_learns_first():
    assert SETTINGS.keys() == installed().entries("algorithms").keys()


@pytest.mark.parametrize(("algorithm", "config"), CASES)
def test_the_first_update_comes_when_it_was_promised_and_shorter_trainings_are_refused(
    algorithm, config, blinks
):
    num_envs = config.get("num_envs", 1)
    small = {} if algorithm == "q_learning" else {"hidden_sizes": (4,)}
    updates = Updates()
    plan = {"config": {**config, **small}, "seed": 0, "callbacks": [updates], "preset": None}

    def environments():
        return "Pendulum-v1" if algorithm in ("sac", "td3") else blinks(num_envs)

    training = train(algorithm, environments(), total_steps=200, **plan)
    first = training.algorithm.first_update()
    at_once = -(-first.steps // num_envs) * num_envs
    assert updates.steps[0] == at_once
    train(algorithm, environments(), total_steps=at_once, **plan)
    assert updates.steps[-1] == at_once
    if at_once > num_envs:
        with pytest.raises(ConfigError, match=rf"{algorithm} learns .* after {first.steps} steps") as caught:
            train(algorithm, environments(), total_steps=at_once - num_envs, **plan)
        held = training.algorithm.config
        assert all(f"{name} is {getattr(held, name)}" in str(caught.value) for name in first.settings)


def test_an_algorithm_that_does_not_say_is_never_refused(notebook):
    require_update("notebook", notebook(), 1, 1)


def test_steps_that_no_update_will_see_are_counted(blinks, tmp_path):
    config = {"num_envs": 4, "num_steps": 8, "hidden_sizes": (4,)}
    make = {"config": config, "seed": 0, "preset": None}
    assert train("ppo", "CartPole-v1", total_steps=64, **make).num_unlearned == 0
    for algorithm in ("ppo", "a2c"):
        run = tmp_path / algorithm
        training = train(algorithm, "CartPole-v1", total_steps=76, run_dir=run, **make)
        assert training.num_unlearned == 12
        assert read_events(run)[-1]["unlearned"] == 12
    training = train("reinforce", blinks(2), total_steps=14, config={"episodes_per_update": 5}, seed=0)
    assert training.num_unlearned == 2  # updates after 6 and 12


def test_a_training_that_turns_out_to_have_learned_nothing_says_so():
    with pytest.warns(TrainingWarning, match=r"nothing was learned: in its 40 steps, .*Train for longer"):
        training = train("reinforce", "CartPole-v1", total_steps=40, seed=0)
    assert training.num_unlearned == training.steps == 40
