"""What a feed tells, added up as every view needs it."""

from __future__ import annotations

import pytest

from csai_train.live.account import Account
from csai_train.runs.events_file import read_events
from csai_train.runs.running_means import episodes_of


def start(steps=0, time=0.0):
    return {"event": "start", "steps": steps, "total_steps": 100, "time": time}


def episodes(steps, mean_return, count=1, mean_score=None):
    return {
        "event": "episodes", "steps": steps, "count": count, "mean_return": mean_return, "time": steps,
        "mean_score": mean_score, "num_first": None, "newest": [],
    }  # fmt: skip


def told(*events):
    account = Account()
    for event in events:  # one by one, as they come
        account.include([event])
    return account


def test_nothing_is_known_before_the_first_event():
    account = told()
    assert (account.state, account.steps, account.latest("return"), account.is_over) == (
        "waiting", 0, None, False,
    )  # fmt: skip
    assert len(account.curve("return")[0]) == 0


def test_the_curve_is_the_one_that_is_drawn_afterwards(finished):
    account = told(*read_events(finished.path))
    steps, means = account.curve("return")
    expected_steps, expected = episodes_of(finished, "return").mean()
    assert steps[-len(expected_steps) :].tolist() == expected_steps.tolist()
    assert means[-len(expected) :].tolist() == expected.tolist()
    assert (account.state, account.steps, account.total_steps) == ("complete", 3000, 3000)
    assert account.metrics["epsilon"] == pytest.approx(0.02)
    assert account.is_over


def test_what_a_later_start_undoes_never_happened():
    warning = {"event": "warning", "steps": 60, "message": "hot"}
    account = told(start(), episodes(20, 1.0), episodes(60, 5.0), warning, start(30), episodes(50, 2.0))
    assert account.curve("return")[0].tolist() == [20, 50]
    assert account.remarks == []
    assert account.episodes == 2
    assert account.state == "training"


def test_speed_counts_from_the_last_start():
    account = told(start(), episodes(90, 1.0), start(80, time=1000.0))
    account.include([{**episodes(90, 1.0), "time": 1002.0}])
    assert account.steps_per_second == 5.0


def test_findings_and_warnings_are_remarks_with_advice():
    finding = {"event": "health", "steps": 9, "rule": "x", "level": "stop", "seen": "NaN.", "means": "Bad.",
               "try_first": "Go slower."}  # fmt: skip
    account = told(start(), finding, {"event": "warning", "steps": 9, "message": "full"})
    assert account.remarks[0] == (9, "stop", "NaN. Bad.", "Go slower.")
    assert account.remarks[1] == (9, "warning", "full", "")


def test_what_is_gone_is_a_remark():
    account = told(start(), {"event": "recovered", "steps": 40, "rule": "my:policy_jumps"})
    assert account.remarks == [(40, "note", "Policy jumps: not seen any more.", "")]


def test_why_it_failed_is_known():
    account = told(start(), {"event": "stop", "steps": 9, "reason": "failed", "error": "oh"})
    assert (account.state, account.error, account.is_over) == ("failed", "oh", True)


def test_kinds_of_events_that_nobody_knows_yet_are_passed_over():
    account = told(start(), {"event": "vitals", "steps": 7, "vitals": {}}, {"event": "include", "steps": 8})
    assert account.steps == 8


def test_the_score_is_known_where_all_games_keep_one():
    assert told(start(), episodes(9, 1.0, mean_score=3.0)).latest("score") == 3.0
    assert told(start(), episodes(9, 1.0, mean_score=3.0), episodes(12, 1.0)).latest("score") is None
