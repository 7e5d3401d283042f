"""Repeating a run, and finding whatever differs."""

from __future__ import annotations

import json

import pytest

from csai_train import Run, train
from csai_train.errors import RunError
from csai_train.training.verify import verify


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
