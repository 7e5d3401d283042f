"""Steps that take longer and longer."""

from __future__ import annotations

from csai_train.health.rules.pace import slowing_down


def taking(seconds):
    return {"vitals": lambda i: {"seconds_a_step": seconds(i)}}


def test_steps_that_take_longer_in_every_quarter_are_seen(checkup):
    symptom = slowing_down(checkup(**taking(lambda i: 1e-3 * i)))
    assert symptom.level == "note"
    assert "42,500 microseconds" in symptom.seen
    assert "6,500 in the first" in symptom.seen


def test_what_is_steady_jumps_once_or_is_short_is_let_be(checkup):
    assert slowing_down(checkup(**taking(lambda i: 1e-3))) is None
    assert slowing_down(checkup(**taking(lambda i: 1e-3 * (1 + 9 * (i > 20))))) is None
    assert slowing_down(checkup(**taking(lambda i: 1e-6 * i))) is None
    assert slowing_down(checkup(15, **taking(lambda i: 1e-3 * i))) is None
    assert slowing_down(checkup()) is None
