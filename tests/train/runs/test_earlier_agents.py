"""The agent of a run as it was at moments of its training."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from csai_train import Callback, Run, train
from csai_train.errors import CheckpointError, TrainingWarning
from csai_train.runs.earlier_agents import known_steps, open_earlier_agent, open_earlier_agents, spread


class Values(Callback):
    """What the table says at the marks at which snapshots are kept."""

    def __init__(self):
        self.at = {}

    def step(self, training):
        told = training.algorithm.explain(np.arange(16)).action_values
        self.at[training.steps] = (training.num_episodes, told)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    path, values = tmp_path_factory.mktemp("stages") / "run", Values()
    train("q_learning", "FrozenLake-v1", total_steps=2000, seed=3, run_dir=path, callbacks=[values])
    return Run.open(path), values.at


def test_each_stage_is_the_agent_as_it_was_then(trained):
    run, at = trained
    for steps in known_steps(run)[1:]:
        stage = open_earlier_agent(run, steps)
        episodes, told = at[steps]
        assert (stage.steps, stage.episodes) == (steps, episodes)
        assert np.array_equal(stage.agent.algorithm.explain(np.arange(16)).action_values, told)


def test_before_the_training_it_knows_nothing(trained):
    stage = open_earlier_agent(trained[0], 0)
    assert (stage.steps, stage.episodes) == (0, 0)
    assert np.ptp(stage.agent.algorithm.explain(np.arange(16)).action_values) == 0


def test_an_old_run_has_its_checkpoints(trained, tmp_path):
    shutil.copytree(trained[0].path, tmp_path / "old", ignore=shutil.ignore_patterns("snapshots"))
    old = Run.open(tmp_path / "old")
    steps = known_steps(old)
    assert steps[0] == 0
    assert steps[-1] == 2000
    assert open_earlier_agent(old, 2000).episodes == trained[1][2000][0]
    with pytest.raises(CheckpointError):
        open_earlier_agent(old, 5)


def test_a_damaged_stage_is_left_out_where_no_checkpoint_has_it(trained, tmp_path):
    shutil.copytree(trained[0].path, tmp_path / "run")
    run = Run.open(tmp_path / "run")
    steps = known_steps(run)
    for each in (steps[1], steps[-1]):
        (run.path / "snapshots" / f"step-{each:012}.safetensors").write_bytes(b"\xff" * 99)
    with pytest.warns(TrainingWarning, match=f"step-{steps[1]:012}.* It is left out") as warned:
        stages = list(open_earlier_agents(run, steps))
    assert len(warned) == 1
    assert [stage.steps for stage in stages] == [steps[0], *steps[2:]]
    assert stages[-1].episodes == trained[1][2000][0]
    with pytest.warns(TrainingWarning), pytest.raises(CheckpointError, match="too little is whole"):
        list(open_earlier_agents(run, steps[:2]))


def test_stages_are_spread_from_the_first_to_the_last():
    assert spread([0, 1, 2, 3, 4, 5], 3) == [0, 2, 5]
    assert spread([0, 7], 5) == [0, 7]
    with pytest.raises(CheckpointError, match="Nothing was kept"):
        spread([0], 5)
