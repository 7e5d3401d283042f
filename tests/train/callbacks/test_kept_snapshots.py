"""A run keeps a few small snapshots, the same ones however often it was stopped."""

from __future__ import annotations

import pytest

from csai_train import Callback, Run, resume, train
from csai_train.callbacks import kept_snapshots
from csai_train.errors import TrainingWarning
from csai_train.runs.snapshots import SnapshotFolder


class StopAfter(Callback):
    def __init__(self, steps):
        self.steps = steps

    def step(self, training):
        training.stop_requested = training.steps >= self.steps


def contents(run):
    return {path.name: path.read_bytes() for path in SnapshotFolder(run).path.iterdir()}


def test_a_run_that_was_stopped_keeps_what_one_that_was_not_keeps(tmp_path):
    given = {"total_steps": 4000, "seed": 3}
    train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "whole", **given)
    train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "parts", callbacks=[StopAfter(777)], **given)
    resume(tmp_path / "parts", callbacks=[StopAfter(2050)])
    resume(tmp_path / "parts")
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")
    assert 5 <= len(contents(tmp_path / "whole")) <= 6


def test_what_came_after_the_checkpoint_that_is_gone_on_from_is_forgotten(tmp_path):
    run = tmp_path / "run"
    train("q_learning", "FrozenLake-v1", run_dir=run, total_steps=4000, seed=3, callbacks=[StopAfter(500)])
    folder = SnapshotFolder(run)
    folder.save(3999, next(iter(contents(run).values())))
    resume(run, callbacks=[StopAfter(600)])
    assert max(folder.steps()) <= 600


def test_episodes_are_counted_where_the_training_ends_by_them(tmp_path):
    train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "run", total_steps=2000)
    folder = SnapshotFolder(tmp_path / "run")
    read = [folder.read(steps) for steps in folder.steps()]
    assert [each.episodes for each in read] == sorted(each.episodes for each in read)
    assert read[-1].steps == Run.open(tmp_path / "run").steps_taken()


def test_large_ones_are_not_kept_and_it_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(kept_snapshots, "LARGEST_KEPT", 10)
    with pytest.warns(TrainingWarning, match="none are kept for csai replay"):
        train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "run", total_steps=400)
    assert SnapshotFolder(tmp_path / "run").steps() == []
