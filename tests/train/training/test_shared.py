"""Trainings of two processes: what is agreed, what is kept, and how they go on."""

from __future__ import annotations

import json

import numpy as np
import pytest

from csai_core.errors import ConfigError, ContractError
from csai_train import Run, resume
from csai_train.algorithms.deep_q_learning import DeepQLearning, DeepQLearningConfig
from csai_train.environments.make import open_environments
from csai_train.errors import TrainingWarning
from csai_train.events import Callback
from csai_train.runs import checkpoint
from csai_train.training.shared import make_training
from train.group.processes import carry_out, run_in_group

STEPS = 1_920
SETTINGS = {
    "ppo": {
        "num_envs": 3,
        "num_steps": 64,
        "normalize_observation": True,
        "normalize_reward": True,
        "target_kl": 0.02,
    },
    "a2c": {"num_envs": 4, "normalize_advantage": True, "normalize_observation": True},
    "deep_q_learning": {
        "num_envs": 3,
        "learning_starts": 200,
        "buffer_capacity": 1_001,
        "batch_size": 33,
        "n_step": 2,
        "normalize_observation": True,
    },
    **{
        name: {
            "num_envs": 3,
            "learning_starts": 1_200,
            "buffer_capacity": 1_501,
            "batch_size": 33,
            "hidden_sizes": (8,),
            "normalize_observation": True,
        }
        for name in ("sac", "td3")
    },
}
PRIORITIZED = "deep_q_learning, prioritized"
SETTINGS["ppo, recurrent"] = {"num_envs": 4, "num_steps": 64, "num_minibatches": 2}
SETTINGS[PRIORITIZED] = {**SETTINGS["deep_q_learning"], "prioritized": True}
GIVEN = {"ppo, recurrent": {"network": "recurrent"}}
"""Other arguments than those that are the same for all."""
ENVIRONMENTS = {"sac": "Pendulum-v1", "td3": "Pendulum-v1"}
"""Where it is not CartPole-v1; an episode has 200 steps there."""


class StopsInTheMiddle(Callback):
    def step(self, training):
        if training.steps >= STEPS // 2:
            training.stop_requested = True


def about(training):
    """What is compared of a training between processes."""
    algorithm = training.algorithm
    counts = algorithm if hasattr(algorithm, "num_steps") else algorithm.memory
    optimizer = algorithm.actor_optimizer if hasattr(algorithm, "actor_optimizer") else algorithm.optimizer
    return {
        "weights": [p.detach().numpy().copy() for p in algorithm.learned().network.parameters()],
        "steps": training.steps,
        "own steps": counts.num_steps,
        "episodes": training.num_episodes,
        "recent": [*training.recent],
        "learning rate": optimizer.learning_rate,
        "num_envs": training.envs.num_envs,
        "callbacks": len(training.callbacks),
        "digests": checkpoint.digests(training.state_dict()),
    }


def trainings(group, folder):
    """Each algorithm, whole, and stopped and gone on with."""
    found = {}
    for name, config in SETTINGS.items():
        given = {"total_steps": STEPS, "seed": 3, "config": config, "preset": None, **GIVEN.get(name, {})}
        algorithm, environment = name.partition(",")[0], ENVIRONMENTS.get(name, "CartPole-v1")
        whole = carry_out(group, "train", algorithm, environment, run_dir=folder / f"{name}-whole", **given)
        found[name, "whole"] = about(whole)
        half = folder / f"{name}-half"
        stopped = carry_out(
            group, "train", algorithm, environment, run_dir=half, callbacks=[StopsInTheMiddle()], **given
        )
        found[name, "stopped"] = about(stopped)
        found[name, "resumed"] = about(carry_out(group, "resume", half))
    found["refused"] = [refusal(group, **each) for each in REFUSED]
    found["apart"] = difference(group)
    return found


REFUSED = (
    {"algorithm": "reinforce", "environment": "CartPole-v1"},
    {"algorithm": "q_learning", "environment": "FrozenLake-v1"},
    {"algorithm": "ppo", "environment": "CartPole-v1", "config": {"num_envs": 1}},
    {"algorithm": "ppo", "environment": "CartPole-v1", "config": {"num_minibatches": 200}},
    {
        "algorithm": "deep_q_learning",
        "environment": "CartPole-v1",
        "config": {"num_envs": 2, "epsilon_decay": 0.9},
    },
)


def refusal(group, **given):
    given["config"] = {"num_envs": 2, **given.get("config", {})}
    try:
        carry_out(group, "train", **given, total_steps=2_000, preset=None)
    except ConfigError as error:
        return str(error)
    return ""


class Apart(DeepQLearning):
    """One that lets each process learn by itself."""

    def set_group(self, group):
        self.memory.set_group(group)


def difference(group):
    config = DeepQLearningConfig(num_envs=1, learning_starts=100)
    envs = open_environments("CartPole-v1", 1)
    spaces = envs.single_observation_space, envs.single_action_space
    algorithm = Apart(*spaces, config, total_steps=1_000, seed=group.rank)
    try:
        make_training(algorithm, envs, group, total_steps=1_000, seed=0).run()
    except ContractError as error:
        return str(error)
    return ""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def found(folder):
    return run_in_group(trainings, 2, folder / "meeting", folder)


@pytest.mark.parametrize("name", SETTINGS)
def test_processes_learn_the_same(found, name):
    first, second = (each[name, "whole"] for each in found)
    assert all(map(np.array_equal, first["weights"], second["weights"]))
    for what in ("steps", "own steps", "episodes", "recent", "learning rate"):
        assert first[what] == second[what]
    assert first["steps"] == first["own steps"] >= STEPS
    assert first["num_envs"] + second["num_envs"] == SETTINGS[name]["num_envs"]
    assert first["episodes"] > (6 if name in ENVIRONMENTS else 30)


@pytest.mark.parametrize("name", SETTINGS)
def test_one_process_is_told_and_writes(folder, found, name):
    assert found[0][name, "whole"]["callbacks"]
    assert not found[1][name, "whole"]["callbacks"]
    run = Run.open(folder / f"{name}-whole")
    assert run.processes == 2
    assert "\nprocesses = 2\n" in (run.path / "train.toml").read_text()
    assert run.settings.num_envs == SETTINGS[name]["num_envs"]
    newest = run.checkpoints.saved()[0]
    assert json.loads((newest / "manifest.json").read_text())["steps"] == found[0][name, "whole"]["steps"]
    assert len(checkpoint.load_processes(newest)) == 1
    (newest / "process-1.json").write_bytes(b"{}")
    with pytest.raises(checkpoint.CheckpointError, match=r"process-1\.json is damaged"):
        checkpoint.load_processes(newest)
    run.agent()  # which needs the first process's part alone


@pytest.mark.parametrize("name", SETTINGS)
def test_as_many_processes_go_on_exactly(found, name):
    for each in found:
        assert STEPS // 2 <= each[name, "stopped"]["steps"] < STEPS
        assert each[name, "resumed"]["digests"] == each[name, "whole"]["digests"]


@pytest.mark.parametrize("name", [name for name in SETTINGS if name != PRIORITIZED])
def test_another_number_of_processes_goes_on_and_says_so(folder, found, name):
    with pytest.warns(TrainingWarning, match="trained by 2 processes, and goes on with 1"):
        training = resume(folder / f"{name}-half", total_steps=2 * STEPS)
    assert training.is_complete
    assert training.envs.num_envs == SETTINGS[name]["num_envs"]


def test_priorities_are_not_dealt_to_another_number_of_processes(folder, found):
    with pytest.raises(checkpoint.CheckpointError, match=r"priorities, .* go on with --processes 2"):
        resume(folder / f"{PRIORITIZED}-half")


def test_what_cannot_be_shared_is_refused_in_words(found):
    wanted = (
        "learns when episodes end",
        "does not say how",
        "num_envs is 1",
        "num_minibatches",
        "count episodes",
    )
    for each in found:
        assert all(map(str.__contains__, each["refused"], wanted)), each["refused"]


def test_processes_that_learn_apart_are_found_out(found):
    assert all("have learned different networks" in each["apart"] for each in found)
