"""The suite of callbacks: what is no mistake in a name, and what a refusal means."""

from __future__ import annotations

from pathlib import Path

import pytest

from csai_core.errors import ConfigError
from csai_train import Callback
from csai_train.testing import CallbackSuite
from csai_train.testing.callback.making import is_meant


@pytest.mark.parametrize(
    ("name", "event", "expected"),
    [
        ("epsiode", "episode", True),
        ("on_episode", "episode", True),
        ("on_epoch_end", "epoch", True),
        ("stp", "step", True),
        ("epoc", "epoch", True),
        ("restart", "start", False),
        ("steps", "step", False),
        ("evaluate", "evaluation", False),
        ("save", "mark", False),
    ],
)
def test_a_name_is_mistaken_only_where_it_nearly_is_another(name, event, expected):
    assert is_meant(name, event) == expected


def test_one_that_refuses_every_run_is_told_why():
    class Refusing(CallbackSuite):
        def make(self, run):
            raise ConfigError(f"Not for a run of a {run.kind}.")

    outcomes = {each.check: each for each in Refusing().run()}
    assert list(outcomes) == ["it can be made"]
    assert "Not for a run of a agent." in outcomes["it can be made"].message


def test_one_for_datasets_alone_is_judged_there():
    class Epochs(Callback):
        def __init__(self, run):
            if run.kind != "dataset":
                raise ConfigError("It counts epochs.")
            self.path = run.path / "epochs.txt"

        def epoch(self, training, epoch):
            self.path.write_text(str(epoch.epoch))

    class Counting(CallbackSuite):
        def make(self, run):
            return Epochs(run)

    outcomes = {each.check: each.status for each in Counting().run()}
    assert "failed" not in outcomes.values()
    assert outcomes["it leaves the training alone"] == "skipped"


def test_what_it_writes_where_the_program_is_does_not_stay(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    class Littering(Callback):
        def __init__(self, run):
            pass

        def stop(self, training):
            Path("training.log").write_text("done")

    class Litters(CallbackSuite):
        def make(self, run):
            return Littering(run)

    outcomes = {each.check: each for each in Litters().run()}
    assert "It writes training.log" in outcomes["it writes to its run"].message
    assert not list(tmp_path.iterdir())
