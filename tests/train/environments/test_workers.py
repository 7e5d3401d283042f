"""Worker processes in a training: the same result, resumed with others or none, and what they gained."""

from __future__ import annotations

import multiprocessing
import os
import re
import signal
import subprocess
import sys

import gymnasium
import pytest

from csai_core.errors import ConfigError
from csai_core.gate import ActionMasks
from csai_core.testing.compare import difference
from csai_train import resume, train
from csai_train.environments import workers
from csai_train.environments.make import open_environments
from csai_train.environments.workers import WorkerVectorEnv
from csai_train.errors import TrainingWarning
from csai_train.events import Callback
from csai_train.runs.run import Run
from csai_train.training.verify import verify

PPO = {"num_envs": 3, "num_steps": 16, "hidden_sizes": (8,), "anneal_learning_rate": False}
CASES = [
    ("q_learning", "FrozenLake-v1", {"num_envs": 3}),
    ("ppo", "CartPole-v1", PPO),
    ("ppo", "CSAI/TicTacToe-v0", PPO),
    ("deep_q_learning", "CSAI/Snake-v0", {"num_envs": 3, "learning_starts": 40, "batch_size": 8}),
]


@pytest.fixture(autouse=True)
def no_process_is_left():
    yield
    assert not multiprocessing.active_children()


def skip_without_games(environment):
    """Skip where our games are not installed; all packages together run these tests too."""
    if str(environment).startswith("CSAI/"):
        pytest.importorskip("csai_envs")


@pytest.mark.filterwarnings("ignore:.*is laid out flat")
@pytest.mark.parametrize(("algorithm", "environment", "config"), CASES, ids=str)
def test_a_training_with_workers_is_the_training_without(algorithm, environment, config):
    skip_without_games(environment)
    settings = {"total_steps": 240, "seed": 3, "config": config, "preset": None}
    states = [Last() for _ in range(2)]
    train(algorithm, environment, **settings, callbacks=[states[0]])
    with_workers = train(algorithm, environment, **settings, callbacks=[states[1]], workers=2)
    assert isinstance(with_workers.envs, WorkerVectorEnv)
    assert not difference(states[0].state, states[1].state, "state_dict()")


class Last(Callback):
    """Takes the whole state of a training at its end, the environments' included."""

    def stop(self, training):
        self.state = training.state_dict()


class StopAt(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps >= self.steps


@pytest.mark.parametrize("others", [None, 3])
def test_a_run_remembers_its_workers_and_goes_on_exactly_with_them_or_others(tmp_path, others):
    settings = {"total_steps": 240, "seed": 3, "config": PPO, "preset": None}
    whole = train("ppo", "CartPole-v1", **settings)
    train("ppo", "CartPole-v1", **settings, workers=2, run_dir=tmp_path / "run", callbacks=[StopAt(111)])
    assert Run.open(tmp_path / "run").workers == 2
    continued = resume(tmp_path / "run", workers=others)
    assert continued.envs.num_workers == (others or 2)
    assert continued.steps == 240
    assert not difference(whole.algorithm.state_dict(), continued.algorithm.state_dict(), "state_dict()")
    if others is None:
        assert verify(Run.open(tmp_path / "run")).difference == ""


def test_a_worker_that_dies_costs_an_episode_and_a_warning():
    heard = []

    class KillOnce(Callback):
        def step(self, training):
            if training.steps == 60:
                for worker in training.envs._supervisor._workers[:1]:
                    os.kill(worker._process.pid, signal.SIGKILL)

        def warning(self, training, message):
            heard.append(message)

    with pytest.warns(TrainingWarning, match=r"Environment 0 .* was killed by signal 9"):
        training = train(
            "ppo", "CartPole-v1", total_steps=300, config=PPO, preset=None, workers=2, callbacks=[KillOnce()]
        )
    assert training.steps >= 300
    assert len(heard) == 1


def test_what_the_workers_gained_is_said_when_enough_was_measured():
    envs = open_environments("CartPole-v1", 2, workers=2)
    try:
        envs.reset(seed=0)
        for _ in range(11):
            assert envs.describe_gain() == ""
            envs.step(envs.action_space.sample())
        envs.step(envs.action_space.sample())
        assert re.match(
            r"Environment steps took \d+% of the time; 2 workers made them \S+ times as fast\.",
            envs.describe_gain(),
        )
    finally:
        envs.close()


@pytest.mark.parametrize(
    ("environment", "num_envs", "workers", "message"),
    [
        ("CartPole-v1", 1, 2, "each worker needs an environment. Set num_envs to 2 or more"),
        ("CartPole-v1", 2, 0, "workers=0; it must be an integer of 1 or more"),
        ("CSAI/Snake-v0", 8, 2, "8 games are computed all at once by its batched class"),
        (gymnasium.make("CartPole-v1"), 1, 1, "made already. Give the environment's id"),
        ([gymnasium.make("CartPole-v1")], 1, 1, "made already. Give the environment's id"),
    ],
    ids=str,
)
def test_workers_that_cannot_be_had_or_gain_nothing_are_refused(environment, num_envs, workers, message):
    skip_without_games(environment)
    with pytest.raises(ConfigError, match=message):
        open_environments(environment, num_envs, workers=workers)


def test_workers_need_no_torch():
    code = "import sys, csai_train.environments.make; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


class Masked(gymnasium.Env):
    """Gives its masks in parts, as Gymnasium samples by them, and a score that is none."""

    observation_space = gymnasium.spaces.Discrete(3)

    def __init__(self, in_dict):
        pair = gymnasium.spaces.MultiDiscrete([2, 3])
        self.action_space = gymnasium.spaces.Dict({"pair": pair}) if in_dict else pair
        self.in_dict = in_dict

    def reset(self, *, seed=None, options=None):
        mask = ([0, 1], [1, 1, 0])
        return 0, {"action_mask": {"pair": mask} if self.in_dict else mask, "score": "high"}


@pytest.mark.parametrize("in_dict", [True, False])
def test_masks_in_parts_leave_a_worker_as_they_are(in_dict):
    env = workers._make(lambda: Masked(in_dict))
    _, told = env.reset(seed=0)
    env.close()
    assert told.keys() == {"action_mask"}  # a score that is no number is none
    assert ActionMasks(env.action_space).read(told["action_mask"]).tolist() == [0, 1, 1, 1, 0]
