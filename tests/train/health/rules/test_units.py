"""Units that do nothing, and units that began at the ends of tanh."""

from __future__ import annotations

import pytest

from csai_train.health.rules.units import saturated_at_start, units_idle


def better(i):
    return {"count": 10, "mean_return": 10.0 * i, "mean_length": 9.0}


def at_some(share):
    return lambda i: {"idle_units": share} if i % 5 == 0 else {}


@pytest.mark.parametrize(("share", "told"), [(0.95, True), (0.8, False)])
def test_a_layer_that_gives_nothing_is_seen(checkup, share, told):
    assert (units_idle(checkup(vitals=at_some(share))) is not None) is told


def test_idle_units_are_let_be_where_it_learns_or_was_looked_at_too_seldom(checkup):
    assert units_idle(checkup(vitals=at_some(0.95), episodes=better)) is None
    assert units_idle(checkup(10, vitals=at_some(0.95))) is None
    assert units_idle(checkup(vitals=at_some(0.95), found=("policy_jumps",))) is None


def first(share):
    return lambda i: {"saturated_at_start": share} if i == 1 else {}


def test_units_at_their_ends_before_anything_was_learned_are_seen(checkup):
    assert "40%" in saturated_at_start(checkup(vitals=first(0.4))).seen
    assert saturated_at_start(checkup(vitals=first(0.01))) is None
    assert saturated_at_start(checkup(5, vitals=first(0.4))) is None
    assert saturated_at_start(checkup(vitals=first(0.4), episodes=better)) is None
    assert saturated_at_start(checkup(vitals=lambda i: {"saturated_at_start": 0.4 * (i == 50)})) is None
