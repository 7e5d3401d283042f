"""Repeating a run, and finding whatever differs."""

from __future__ import annotations

import json

import pytest

from csai_train import Run, fork, train
from csai_train.errors import RunError, TrainingWarning
from csai_train.events import Callback
from csai_train.runs import checkpoint
from csai_train.training.verify import verify
from train.group.processes import carry_out, run_in_group

STEPS, AT = 1_000, 410
SEVERAL = {
    "ppo": ({"num_steps": 64, "normalize_reward": True}, {"clip_range": 0.05}),
    "deep_q_learning": ({"learning_starts": 200, "prioritized": True}, {"learning_rate": 0.01}),
}
"""Settings of algorithms that two processes train, and what differs in forks."""


def test_a_run_repeats_itself(runs):
    result = verify(runs[0], steps=600)
    assert result.difference == ""
    assert (result.steps, result.rows) == (600, 200)
    assert result.checkpoints >= 2
    assert result.episodes > 20


def test_only_the_beginning_is_repeated(runs):
    result = verify(runs[0], steps=100)
    assert (result.steps, result.checkpoints, result.difference) == (100, 0, "")


def test_another_episode_is_found(runs, tmp_path):
    path = runs[1].path / "events.jsonl"
    lines = path.read_text().splitlines()
    number = next(i for i, line in enumerate(lines) if json.loads(line)["event"] == "episodes")
    lines[number] = json.dumps({**json.loads(lines[number]), "highest_return": 7.0})
    path.write_text("\n".join(lines) + "\n")
    assert verify(runs[1], steps=200).difference.startswith("The summary of episodes number 1 was {")


def test_other_metrics_and_other_weights_are_found(runs, monkeypatch):
    path = runs[2].path / "metrics.csv"
    text = path.read_text()
    path.write_text(text.replace("\n3,0,", "\n3,1,", 1))
    assert verify(runs[2], steps=50).difference.startswith("The row of metrics number 1 was")
    path.write_text(text)
    best = runs[2].checkpoints.best()["steps"]
    state = runs[2].checkpoints.load(best)
    state["algorithm"]["num_steps"] += 1
    runs[2].checkpoints.save(state, best, keep=None)
    difference = verify(runs[2], steps=600).difference
    assert difference == f"The checkpoint step-{best:012d} holds another state than the repetition."


def test_a_run_that_took_no_step_cannot_be_repeated(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=5, run_dir=tmp_path / "run")
    (tmp_path / "run" / "events.jsonl").unlink()
    with pytest.raises(RunError, match="has not taken any step"):
        verify(Run.open(tmp_path / "run"))


class StopsInTheMiddle(Callback):
    def step(self, training):
        training.stop_requested = training.steps >= STEPS // 2


def learned(training):
    weights = training.algorithm.learned().network.state_dict()
    return {name: tensor.numpy().tobytes() for name, tensor in weights.items()}


def runs_of_two(group, folder):
    """Trainings of two processes, stopped, gone on with, forked and repeated."""
    found = {}
    for algorithm, (config, changes) in SEVERAL.items():
        old, same, other = (folder / f"{algorithm}-{name}" for name in ("old", "same", "other"))
        given = {"total_steps": STEPS, "seed": 3, "config": {"num_envs": 3, **config}, "preset": None}
        stops = [StopsInTheMiddle()]
        carry_out(group, "train", algorithm, "CartPole-v1", run_dir=old, callbacks=stops, **given)
        whole = carry_out(group, "resume", old)
        trainings = {
            "whole": whole,
            "same": carry_out(group, "fork", old, at=AT, changes={}, run_dir=same),
            "other": carry_out(group, "fork", old, at=AT, changes=changes, run_dir=other),
        }
        for name, each in trainings.items():
            found[algorithm, name] = learned(each), checkpoint.digests(each.state_dict())
        for path in (old, other):
            run = Run.open(path) if group.is_main else None
            found[path.name] = carry_out(group, "verify", run)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("several")


@pytest.fixture(scope="module")
def found(folder):
    return run_in_group(runs_of_two, 2, folder / "meeting", folder)


@pytest.mark.parametrize("algorithm", SEVERAL)
def test_a_fork_by_two_processes_is_the_old_training_up_to_its_step(folder, found, algorithm):
    for each in found:
        assert each[algorithm, "same"] == each[algorithm, "whole"]
        assert each[algorithm, "other"][0] != each[algorithm, "whole"][0]
    assert found[0][algorithm, "other"][0] == found[1][algorithm, "other"][0]
    assert Run.open(folder / f"{algorithm}-other").processes == 2


@pytest.mark.parametrize("algorithm", SEVERAL)
@pytest.mark.parametrize("which", ["old", "other"])
def test_two_processes_repeat_what_two_have_trained(found, algorithm, which):
    first, second = (each[f"{algorithm}-{which}"] for each in found)
    assert first == second
    assert first.difference == ""
    assert first.steps >= STEPS
    assert first.checkpoints >= 2
    assert first.episodes > 10


def test_another_state_of_another_process_is_found(folder, found):
    state = Run.open(folder / "ppo-old").checkpoints.load("newest", whole=True)
    before = checkpoint.digests(state)
    state["processes"][0]["returns"] = state["processes"][0]["returns"] + 1
    after = checkpoint.digests(state)
    assert [name for name in after if after[name] != before[name]] == ["process-1.safetensors"]


def test_another_number_of_processes_repeats_nothing(folder, found):
    with pytest.raises(RunError, match="was trained by 2 processes, which one process cannot repeat"):
        verify(Run.open(folder / "ppo-old"))
    with pytest.warns(TrainingWarning, match="trained by 2 processes, and goes on with 1"):
        fork(folder / "ppo-old", at="newest", changes={}, total_steps=1_200, run_dir=folder / "by one")
    with pytest.raises(RunError, match="by 2 processes for a part, and by one process for another"):
        verify(Run.open(folder / "by one"))
