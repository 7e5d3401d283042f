"""The status of a run, as it is seen from outside."""

from __future__ import annotations

import json
import shutil

import pytest

from csai_train import Callback, Run, resume, train
from csai_train.runs.lock import locked
from csai_train.runs.status import feed_ends_after, status_of, what_is_lost


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


def test_a_feed_that_ends_before_what_is_saved_is_known(tmp_path):
    path = tmp_path / "run"
    train("q_learning", "FrozenLake-v1", total_steps=2000, run_dir=path, checkpoint_every=95)
    run, feed = Run.open(path), path / "events.jsonl"
    whole = feed.read_text().splitlines(keepends=True)

    def left(lines):
        feed.write_text("".join(lines))
        return feed_ends_after(run)

    at_most = [line for line in whole if json.loads(line)["steps"] <= 1500]
    assert left(whole) is None
    assert left(whole[:-1]) is None  # as where a training is killed at its very end
    assert left(at_most) == 1500
    assert "after 1,500 steps; 2,000 steps were taken" in what_is_lost(run)
    assert left([]) == 0
    for step in (1995, 1900, 1805, 1710, 1615, 1520, 2000):
        shutil.rmtree(path / "checkpoints" / f"step-{step:012}", ignore_errors=True)
    assert run.steps_taken() < 1500
    assert left(at_most) is None
    near = [line for line in whole if json.loads(line)["steps"] <= run.steps_taken() - 10]
    assert left(near) is None  # it was killed between two marks
    end = {name: json.loads(near[-1])[name] for name in ("steps", "time")}
    assert left([*near, json.dumps({**end, "event": "stop", "reason": "stopped"}) + "\n"])
    feed.unlink()
    assert "is missing" in what_is_lost(run)
