"""Who does which trial, where workers are killed and others come."""

import platform
from contextlib import ExitStack

import pytest

from csai_core.errors import ConfigError
from csai_core.ranges import Range
from csai_train.tuning import ledger as module
from csai_train.tuning.axes import Axis
from csai_train.tuning.ledger import REASON, VALUES, Ledger
from csai_train.tuning.storage import open_storage

optuna = pytest.importorskip("optuna")
RATE = Axis("learning_rate", Range(0.01, 1.0, "log"), 0.1, is_whole=False)


class Workers:
    """Makes workers of one search, which can be killed."""

    def __init__(self, folder):
        self.folder, self.place = folder, f"journal:{folder / 'journal'}"
        self.axes = [RATE]

    def start(self, num_trials=3, folder=None, **changes):
        storage = open_storage(self.place)
        study = optuna.create_study(
            storage=storage, study_name="x", direction="maximize", load_if_exists=True
        )
        settings = {"axes": self.axes, "algorithm": "q_learning", "base": {}, "seed": 5, **changes}
        made = Ledger(study, storage, num_trials=num_trials, folder=folder or self.folder, **settings)
        alive = ExitStack()
        alive.enter_context(made.working())
        made.leave = alive.close
        return made

    def kill(self, worker):
        """End it without its saying so."""
        worker._mine.clear()
        worker.leave()

    @property
    def trials(self):
        return optuna.load_study(storage=open_storage(self.place), study_name="x").trials

    @property
    def states(self):
        return [trial.state.name for trial in self.trials]


@pytest.fixture
def workers(tmp_path):
    return Workers(tmp_path)


def test_as_many_trials_are_claimed_as_there_shall_be_and_none_twice(workers):
    one, other = workers.start(), workers.start()
    claims = [one.claim(), other.claim(), one.claim()]
    assert [claim.number for claim in claims] == [0, 1, 2]
    assert one.claim() is None
    assert other.claim() is None
    assert not one.is_complete()
    one.complete(0, [1.0, 2.0])
    other.prune(1, "worse")
    one.complete(2, [4.0])
    assert one.is_complete()
    assert other.claim() is None
    assert workers.states == ["COMPLETE", "PRUNED", "COMPLETE"]
    assert [trial.value for trial in workers.trials] == [1.5, None, 4.0]
    assert workers.trials[0].user_attrs[VALUES] == [1.0, 2.0]
    assert workers.trials[1].user_attrs[REASON] == "worse"


def test_the_first_tries_what_there_is_and_the_same_seed_tries_the_same(workers, tmp_path):
    first = workers.start()
    tried = [first.claim().settings for _ in range(3)]
    assert tried[0] == {"learning_rate": 0.1}
    (tmp_path / "again").mkdir()
    again = Workers(tmp_path / "again").start()
    assert [again.claim().settings for _ in range(3)] == tried
    (tmp_path / "other").mkdir()
    other = Workers(tmp_path / "other").start(seed=6)
    assert [other.claim().settings for _ in range(3)] != tried


def test_the_trial_of_one_that_was_killed_is_taken_over_as_it_is(workers):
    killed = workers.start()
    claims = [killed.claim(), killed.claim()]
    other = workers.start()
    assert other.claim().number == 2
    workers.kill(killed)
    assert [other.claim(), other.claim()] == claims
    for number in range(3):
        assert other.is_mine(number)
        other.complete(number, [1.0])
    assert workers.states == ["COMPLETE"] * 3


def test_what_is_released_waits_for_anybody(workers):
    one = workers.start()
    claim = one.claim()
    one.report(0, {1: 0.5})
    one.leave()
    assert workers.states == ["WAITING"]
    other = workers.start()
    assert other.claim() == claim
    other.report(0, {1: 0.7, 2: 0.9})
    assert workers.trials[0].intermediate_values == {1: 0.5, 2: 0.9}


def test_elsewhere_one_is_gone_that_gives_no_sign(workers, tmp_path, monkeypatch):
    now = 1000.0
    monkeypatch.setattr(module.time, "monotonic", lambda: now)
    one = workers.start(num_trials=1)
    claim = one.claim()
    monkeypatch.setattr(platform, "node", lambda: "elsewhere")
    other = workers.start(num_trials=1, folder=tmp_path / "elsewhere")
    assert other.claim() is None
    now += 59
    assert one.give_sign() == []
    assert other.claim() is None
    now += 59
    assert other.claim() is None
    now += 2
    assert other.claim() == claim
    assert one.give_sign() == [0]
    other.complete(0, [2.0])
    one.complete(0, [3.0])
    assert workers.states == ["COMPLETE"]
    assert workers.trials[0].value == 2.0


def test_one_too_many_is_none_whether_its_worker_sees_that_or_was_killed_first(workers):
    one = workers.start(num_trials=2)
    assert [one.claim().number, one.claim().number] == [0, 1]
    late = workers.start(num_trials=3)
    assert late.claim().number == 2
    workers.kill(late)
    assert one.claim() is None
    assert workers.states == ["RUNNING", "RUNNING", "FAIL"]
    more = workers.start(num_trials=3)
    assert more.claim().number == 3


def test_settings_that_do_not_go_together_do_not_count(workers):
    workers.axes = [Axis("learning_rate", Range(0.5, 40.0), None, is_whole=False)]
    one = workers.start(num_trials=2)
    claims = [one.claim(), one.claim()]
    assert all(claim.settings["learning_rate"] <= 1 for claim in claims)
    assert workers.states.count("RUNNING") == 2
    assert set(workers.states) == {"RUNNING", "FAIL"}
    failed = next(trial for trial in workers.trials if trial.state.name == "FAIL")
    assert "learning_rate is" in failed.user_attrs[REASON]


def test_where_no_settings_go_together_that_is_told(workers):
    workers.axes = [Axis("learning_rate", Range(20.0, 40.0), None, is_whole=False)]
    with pytest.raises(ConfigError, match=r"Of 100 settings that were drawn none works: .*narrower ranges"):
        workers.start().claim()
