"""What a training tells, as numbers of their own: episodes, evaluations, and when a part is done."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from csai_train import Evaluation
from csai_train.episode_window import EpisodeWindow
from csai_train.events import Episode, Session
from csai_train.marks import MARKS, Interval, Marks


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


def test_an_interval_passes_at_the_same_steps_however_often_it_was_stopped():
    whole = Interval(10)
    assert [steps for steps in range(0, 36, 3) if whole.has_passed(steps)] == [12, 21, 30]
    resumed = Interval(10, steps=15)
    assert [steps for steps in range(15, 36, 3) if resumed.has_passed(steps)] == [21, 30]


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
    assert set(loaded.split()) == {"csai_train.events", "csai_train.errors"}


@pytest.mark.parametrize(
    ("every", "first"),
    [
        (3, [3, 6, 9]),
        (1024, [1024, 2048]),
        (1500, [1024, 1500, 3000]),
        (5000, [1024, 2048, 4096, 5000, 10_000]),
    ],
)
def test_a_long_training_is_marked_early_too(every, first):
    marks, resumed = Marks(every), []
    passed = [step for step in range(1, first[-1] + 1) if marks.has_passed(step)]
    assert passed == first
    for step in range(1, first[-1] + 1):
        if Marks(every, step - 1).has_passed(step):
            resumed.append(step)
    assert resumed == first


def test_there_are_few_marks_however_long_a_training_is():
    for total in (1, 399, 10**6, 10**12):
        marks, steps, count = Marks(total // MARKS), 0, 0
        while steps < total:
            steps = marks._next
            count += marks.has_passed(steps)
        assert count < 2 * MARKS


def window_of(*episodes, num_envs=1):
    window = EpisodeWindow(num_envs)
    for episode in episodes:
        window.include([episode])
    return window


def test_episodes_are_summed_up():
    window = window_of(Episode(4, 1.0, 4, 2.0), Episode(10, -3.0, 6, 4.0), Episode(12, 5.0, 2, 0.0))
    summary = window.summary()
    newest = summary.pop("newest")
    assert summary == {
        "count": 3,
        "num_first": 1,
        "mean_return": 1.0,
        "lowest_return": -3.0,
        "highest_return": 5.0,
        "mean_length": 4.0,
        "mean_score": 2.0,
    }
    assert newest[-1] == {"steps": 12, "total_reward": 5.0, "length": 2, "score": 0.0}


def test_a_window_is_as_small_after_a_thousand_episodes_and_goes_on_from_its_state():
    episodes = [Episode(step, float(step % 7), 1) for step in range(1, 1001)]
    window, half = window_of(*episodes), window_of(*episodes[:500])
    assert len(window.summary()["newest"]) == 4
    assert window.summary()["mean_score"] is None
    other = EpisodeWindow(1)
    other.load_state_dict(half.state_dict())
    other.include(episodes[500:])
    assert other.summary() == window.summary()
    assert half.count == 500
