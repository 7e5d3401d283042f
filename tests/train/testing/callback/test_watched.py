"""A callback under watch is handed every event, and what it does besides listening is noted by kind."""

from __future__ import annotations

import random

import pytest

from csai_core.errors import ConfigError
from csai_train import Callback, train
from csai_train.testing.callback.watched import EVENTS, StopAt, Tells, Watched


def watched(tmp_path, callback, *others, total_steps=60):
    found = Watched(callback, tmp_path / "run")
    train(
        "q_learning",
        "FrozenLake-v1",
        total_steps=total_steps,
        seed=1,
        run_dir=tmp_path / "run",
        callbacks=[found, *others],
    )
    return found


class Listener(Callback):
    """Counts what it hears of."""

    def __init__(self, run):
        self.run = run
        self.heard = []

    def start(self, training):
        self.heard.append("start")

    def episode(self, training, episode):
        self.heard.append("episode")

    def evaluation(self, training, evaluation):
        self.heard.append("evaluation")

    def warning(self, training, message):
        self.heard.append("warning")

    def stop(self, training):
        self.heard.append("stop")


@pytest.mark.filterwarnings("ignore:This is a warning")
def test_everything_is_heard_and_nothing_found_where_nothing_is_wrong(tmp_path):
    found = watched(tmp_path, Listener, Tells())
    assert found.problems == {}
    assert found.callback.run.path == tmp_path / "run"
    assert set(found.callback.heard) == {"start", "episode", "evaluation", "warning", "stop"}
    assert set(found.callback.heard) < set(EVENTS)


@pytest.mark.parametrize(
    ("kind", "does", "words"),
    [
        ("raised", lambda training: {}["lost"], "Its method mark raised KeyError"),
        ("printed", lambda training: print("here"), "Its method mark printed 'here'"),
        ("generators", lambda training: random.random(), "global generator of Python"),
        ("callbacks", lambda training: training.callbacks.pop(), "changed training.callbacks"),
        (
            "changed",
            lambda training: setattr(training, "num_episodes", 7),
            "Its method mark changed the training",
        ),
    ],
)
def test_what_it_does_besides_is_noted_by_kind(tmp_path, kind, does, words):
    class Meddler(Callback):
        def __init__(self, run):
            self.count = 0

        def mark(self, training):
            self.count += 1
            if self.count == 1:
                does(training)

    found = watched(tmp_path, Meddler)
    assert words in found.problems[kind]


def test_refusals_and_failures_to_be_made_are_told_apart(tmp_path):
    def refusing(run):
        raise ConfigError("Not here.")

    found = watched(tmp_path / "one", refusing)
    assert (found.refusal, found.problems, found.callback) == ("Not here.", {}, None)
    found = watched(tmp_path / "two", lambda: None)
    assert "Made with a run, it raised TypeError" in found.problems["made"]


def test_a_training_is_stopped_when_it_is_told(tmp_path):
    training = train("q_learning", "FrozenLake-v1", total_steps=60, seed=1, callbacks=[StopAt(20)])
    assert training.steps == 20
