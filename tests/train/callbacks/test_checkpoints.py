"""When a training is saved, what is kept, and what happens when that fails."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from csai_train import Callback, Run, resume, train
from csai_train.algorithms.q_learning import TabularQLearning
from csai_train.errors import CallbackError, TrainingWarning, UnsavableError
from csai_train.runs.events_file import read_events
from csai_train.runs.status import status_of


def test_a_save_that_fails_is_warned_of_and_tried_again(tmp_path, monkeypatch):
    real = Path.write_bytes

    def full(path, data):
        if 40 <= training_steps[0] < 70 and path.parent.name.startswith(".step"):
            real(path, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, data)

    training_steps = [0]

    class Count(Callback):
        def episode(self, training, episode):
            training_steps[0] = training.steps

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.warns(TrainingWarning, match=r"step-0000000000\d0 could not be written: .*No space left"):
        train(
            "q_learning",
            "FrozenLake-v1",
            total_steps=100,
            seed=1,
            run_dir=tmp_path / "run",
            callbacks=[Count()],
        )
    run = Run.open(tmp_path / "run")
    assert run.steps_taken() == 100
    assert run.checkpoints.load()["steps"] == 100
    assert not list(run.checkpoints.path.glob(".*"))
    warned = [event["steps"] for event in read_events(run.path) if event["event"] == "warning"]
    assert warned == sorted(set(warned)) != []


def test_long_trainings_are_saved_by_the_clock_too(tmp_path, monkeypatch):
    now = [0.0]
    monkeypatch.setattr("csai_train.callbacks.checkpoints.time.monotonic", lambda: now[0])
    saved = []

    class Clock(Callback):
        def step(self, training):
            now[0] += 100.0
            saved.append(Run.open(tmp_path / "run").steps_taken())

    train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run", callbacks=[Clock()])
    assert sorted(set(saved))[:5] == [0, 4, 8, 10, 14]


def test_a_wall_clock_that_jumps_changes_nothing(tmp_path, monkeypatch):
    times = iter(range(10**6, 0, -1))
    monkeypatch.setattr("time.time", lambda: float(next(times)))
    training = train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run")
    assert training.is_complete
    assert Run.open(tmp_path / "run").steps_taken() == 100


def test_the_best_is_the_one_with_the_highest_mean(tmp_path):
    means = {}

    class Note(Callback):
        def step(self, training):
            if training.steps % 60 == 0 and training.recent:
                returns = [episode.total_reward for episode in training.recent]
                means[training.steps] = sum(returns) / len(returns)

    train(
        "q_learning", "FrozenLake-v1", total_steps=600, seed=2, run_dir=tmp_path / "run", callbacks=[Note()]
    )
    best = Run.open(tmp_path / "run").checkpoints.best()
    highest = max(means.values())
    first = min(steps for steps, mean in means.items() if mean == highest)
    assert best == {"steps": first, "value": highest, "judged_by": "training"}
    assert highest > 0


def test_evaluations_decide_what_is_best_where_there_are_any(tmp_path):
    train(
        "q_learning",
        "FrozenLake-v1",
        total_steps=2000,
        seed=2,
        run_dir=tmp_path / "run",
        callbacks=["evaluation"],
        config={"learning_rate": 0.3},
    )
    run = Run.open(tmp_path / "run")
    judged = {e["steps"]: e["mean_return"] for e in read_events(run.path) if e["event"] == "evaluation"}
    best = run.checkpoints.best()
    assert best["judged_by"] == "evaluation"
    assert best["value"] == max(judged.values()) == judged[best["steps"]]
    assert run.agent("best")


def test_on_a_disk_that_stays_full_the_training_ends_and_what_was_saved_counts(tmp_path, monkeypatch):
    is_full = [False]
    refused = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    write, write_bytes = os.write, Path.write_bytes

    def short_write(descriptor, data):
        if not is_full[0]:
            return write(descriptor, data)
        if len(data) > 10:
            return write(descriptor, data[:10])
        raise refused

    def no_write(path, data):
        if is_full[0]:
            raise refused
        return write_bytes(path, data)

    class FillUp(Callback):
        def step(self, training):
            is_full[0] = training.steps >= 60

    monkeypatch.setattr(os, "write", short_write)
    monkeypatch.setattr(Path, "write_bytes", no_write)
    with pytest.warns(TrainingWarning, match="No space left"):
        train("q_learning", "FrozenLake-v1", total_steps=100, run_dir=tmp_path / "run", callbacks=[FillUp()])
    run = Run.open(tmp_path / "run")
    assert (status_of(run).state, status_of(run).steps) == ("killed", 50)
    is_full[0] = False
    assert resume(run).is_complete
    assert (status_of(run).state, status_of(run).steps) == ("complete", 100)
    kinds = [event["event"] for event in read_events(run.path)]
    assert kinds.count("start") == 2
    assert kinds[-1] == "stop"


def test_a_state_that_no_file_holds_ends_the_training_and_names_place_and_plugin(tmp_path, monkeypatch):
    whole = TabularQLearning.state_dict
    odd = {"seen": [object()]}
    monkeypatch.setattr(TabularQLearning, "state_dict", lambda self: whole(self) | odd)
    with pytest.raises(UnsavableError, match=r"algorithm/seen/0 is of the type object.*plugin 'csai_train'"):
        train("q_learning", "FrozenLake-v1", total_steps=100, seed=1, run_dir=tmp_path / "early")
    assert not (tmp_path / "early").exists()

    monkeypatch.setattr(
        TabularQLearning, "state_dict", lambda self: whole(self) | (odd if self.num_steps > 30 else {})
    )
    with pytest.raises(CallbackError, match=r"algorithm/seen/0 is of the type object.*plugin 'csai_train'"):
        train("q_learning", "FrozenLake-v1", total_steps=100, seed=1, run_dir=tmp_path / "late")
    assert Run.open(tmp_path / "late").checkpoints.saved()[0].name == "step-000000000030"
