"""The status of a run, as it is seen from outside."""

from __future__ import annotations

import shutil

import pytest

from csai_train import Callback, Run, resume, train
from csai_train.runs.lock import locked
from csai_train.runs.status import status_of


def test_the_state_of_a_run_is_seen_from_outside(tmp_path):
    seen = []

    class Look(Callback):
        def step(self, training):
            if training.steps == 60:
                seen.append(status_of(Run.open(tmp_path / "run")).state)
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run", callbacks=[Look()])
    run = Run.open(tmp_path / "run")
    assert seen == ["training"]
    assert status_of(run).state == "failed"
    lines = (run.path / "events.jsonl").read_text().splitlines(keepends=True)
    (run.path / "events.jsonl").write_text("".join(lines[:-1]))
    state = status_of(run)
    assert (state.state, state.steps) == ("killed", 50)
    with locked(run.path):
        assert status_of(run).state == "training"
    (run.path / "events.jsonl").unlink()
    assert (status_of(run).state, status_of(run).steps) == ("killed", 50)


def test_a_complete_run_says_so(runs):
    state = status_of(runs[0])
    assert (state.state, state.steps, state.mean_score) == ("complete", 600, None)
    assert 0 <= state.mean_return <= 1


def test_what_counts_is_what_was_saved_and_not_what_the_feed_says(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run", checkpoint_every=50)
    run = Run.open(tmp_path / "run")
    assert (status_of(run).state, status_of(run).steps) == ("complete", 100)
    shutil.rmtree(run.path / "checkpoints" / "step-000000000100")  # as on a disk that was full by then
    assert (status_of(run).state, status_of(run).steps) == ("stopped", 50)
    shutil.rmtree(run.path / "checkpoints")
    assert (status_of(run).state, status_of(run).steps) == ("stopped", 0)


def test_a_run_that_lost_its_feed_is_known_by_its_checkpoints(tmp_path):
    train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run")
    run = Run.open(tmp_path / "run")
    for name in ("events.jsonl", "metrics.csv", "best.json"):
        (run.path / name).unlink()
    state = status_of(run)
    assert (state.state, state.steps, state.mean_return) == ("complete", 100, None)
    assert resume(run, total_steps=150).steps == 150
