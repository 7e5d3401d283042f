"""The newest weights are there for whoever watches, and for nobody else; the training is the same."""

from __future__ import annotations

import os

import pytest

from csai_train import Callback, Run, train
from csai_train.callbacks.live_weights import LiveWeights
from csai_train.runs import checkpoint, snapshot
from csai_train.runs.audience import LIVE, WATCHED, WEIGHTS, say_watching

GIVEN = {"total_steps": 1500, "seed": 5, "preset": None}


class Viewer(Callback):
    """Says now and then that it watches, and counts what it is given."""

    def __init__(self, path, stop_at=10**9):
        self.path, self.stop_at, self.found, self.times = path, stop_at, set(), 0

    def step(self, training):
        place = self.path / LIVE / WATCHED
        if training.steps < self.stop_at:
            say_watching(self.path)
            os.utime(place, (training.steps, training.steps))
        weights = self.path / LIVE / WEIGHTS
        if weights.exists():
            self.found.add(snapshot.read(weights).steps)


class Clock:
    """Each look at it takes a third of a second."""

    now = 0.0

    def __call__(self):
        self.now += 1 / 3
        return self.now


@pytest.fixture
def hurried(monkeypatch):
    """Time flies."""
    made = LiveWeights.__init__
    monkeypatch.setattr(LiveWeights, "__init__", lambda self, run: made(self, run, Clock()))


def test_nothing_is_written_where_nobody_watches(tmp_path, hurried):
    train("q_learning", "FrozenLake-v1", run_dir=tmp_path / "run", **GIVEN)
    assert not (tmp_path / "run" / LIVE).exists()


def test_whoever_watches_is_given_the_newest_until_he_goes(tmp_path, hurried):
    path = tmp_path / "run"
    viewer = Viewer(path, stop_at=700)
    train("q_learning", "FrozenLake-v1", run_dir=path, callbacks=[viewer], **GIVEN)
    assert len(viewer.found) >= 3
    assert max(viewer.found) < 1500


def test_who_stays_to_the_end_has_the_last(tmp_path, hurried):
    path = tmp_path / "run"
    training = train("q_learning", "FrozenLake-v1", run_dir=path, callbacks=[Viewer(path)], **GIVEN)
    last = snapshot.read(path / LIVE / WEIGHTS)
    assert last.steps == 1500
    other = Run.open(path).make_algorithm()
    snapshot.apply(last, other, path)
    assert other.table.q_table == training.algorithm.table.q_table


@pytest.mark.parametrize(
    ("algorithm", "environment", "config"),
    [
        ("q_learning", "FrozenLake-v1", {}),
        ("deep_q_learning", "CartPole-v1", {"learning_starts": 100}),
        ("ppo", "CartPole-v1", {"num_steps": 32, "num_envs": 4, "normalize_observation": True}),
        ("a2c", "CartPole-v1", {}),
        ("reinforce", "CartPole-v1", {}),
    ],
)
def test_a_training_that_is_watched_ends_with_the_same_state(
    tmp_path, hurried, algorithm, environment, config
):
    def state(path, callbacks):
        kept = {"run_dir": path, "callbacks": callbacks, "config": config}
        training = train(algorithm, environment, **kept, **GIVEN)
        return checkpoint.digests(training.state_dict())

    viewer = Viewer(tmp_path / "watched")
    assert state(tmp_path / "watched", [viewer]) == state(tmp_path / "alone", [])
    assert viewer.found


def test_a_place_that_cannot_be_written_costs_nothing(tmp_path, hurried):
    class Blocks(Viewer):
        def start(self, training):
            (self.path / LIVE / WEIGHTS).mkdir(parents=True)
            (self.path / LIVE / WEIGHTS / "full").write_text("x")

        def step(self, training):
            say_watching(self.path)

    path = tmp_path / "run"
    assert train("q_learning", "FrozenLake-v1", run_dir=path, callbacks=[Blocks(path)], **GIVEN).is_complete
