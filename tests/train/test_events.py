"""What a training tells, as numbers of their own: episodes and evaluations."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from csai_core.errors import ContractError, LostDirectoryError
from csai_train import Evaluation
from csai_train.errors import CallbackError
from csai_train.events import Session


def test_statistics_by_hand():
    evaluation = Evaluation(np.array([1.0, 2.0, 3.0, 6.0]), np.array([1, 2, 3, 4]))
    assert (evaluation.mean_return, evaluation.mean_length) == (3, 2.5)
    assert evaluation.std_return == pytest.approx(3.5**0.5)
    low, high = evaluation.interval_return
    half = 3.182446 * (14 / 3) ** 0.5 / 2  # t of 3 degrees of freedom * std / sqrt(4)
    assert (low, high) == pytest.approx((3 - half, 3 + half), abs=0.01)


@pytest.mark.parametrize(
    ("count", "quantile"), [(2, 12.706), (3, 4.303), (5, 2.776), (10, 2.262), (31, 2.042), (101, 1.984)]
)
def test_the_interval_is_students(count, quantile):
    returns = np.arange(count, dtype=float)
    low, high = Evaluation(returns, np.ones(count, int)).interval_return
    assert (high - low) / 2 == pytest.approx(quantile * returns.std(ddof=1) / count**0.5, rel=2e-3)


def test_one_game_has_no_interval():
    assert np.isnan(Evaluation(np.array([1.0]), np.array([1])).interval_return).all()


def test_a_session_without_callbacks_can_be_told_anything():
    session = Session(total_steps=3)
    with session.running():
        assert session.is_running
        session.emit("step")
    assert not session.is_running
    assert session.status_line(1234.5) == "1,234 steps/s"


def test_events_know_no_loop_no_run_and_no_dataset():
    """They are the ground, so that whoever builds on them may be built on."""
    code = "import sys, csai_train.events; print(*(m for m in sys.modules if m.startswith('csai_train.')))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert set(loaded.split()) == {"csai_train.events", "csai_train.errors", "csai_train.marks"}


class Working(Session):
    """A session in which somebody's algorithm is at work."""

    def at_work(self):
        return [self]


@pytest.mark.parametrize(
    ("error", "is_asked"),
    [
        (ValueError("x"), True),
        (ContractError("x"), True),
        (CallbackError("x"), False),
        (LostDirectoryError("x"), False),
        (KeyboardInterrupt(), False),
    ],
)
def test_who_was_at_work_may_be_to_blame_unless_it_is_known_who_was(monkeypatch, error, is_asked):
    blamed = []
    monkeypatch.setattr("csai_train.events.blame", lambda error, *suspects: blamed.append((error, suspects)))
    session = Working(3)
    with pytest.raises(type(error)), session.running():
        raise error
    assert blamed == ([(error, (session,))] if is_asked else [])
