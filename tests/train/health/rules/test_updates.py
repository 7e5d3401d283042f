"""Updates that go too far, hardly anywhere, or nowhere."""

from __future__ import annotations

import pytest

from csai_train.health.rules.updates import (
    clipped_too_often,
    kl_below_zero,
    network_blind,
    policy_hardly_moves,
    policy_jumps,
    weights_frozen,
    weights_jump,
)


def rising(i):
    return {"count": 10, "mean_return": 10.0 * i, "mean_length": 9.0}


def moved_once(i):
    return {"weights_moved": float(i == 9)}


RULES = [
    (policy_jumps, {"metrics": {"kl": 0.5}}, {"metrics": {"kl": 0.05}}),
    (policy_jumps, {"metrics": {"kl": 0.5}}, {"metrics": {"kl": 0.5}, "config": {"target_kl": 0.4}}),
    (policy_hardly_moves, {"metrics": {"kl": 1e-9}}, {"metrics": {"kl": 1e-3}}),
    (
        policy_hardly_moves,
        {"metrics": {"kl": 1e-9}},
        {"metrics": {"kl": 1e-9}, "episodes": rising},
    ),
    (kl_below_zero, {"metrics": {"kl": -0.1}}, {"metrics": {"kl": 0.0}}),
    (clipped_too_often, {"metrics": {"clip_fraction": 0.6}}, {"metrics": {"clip_fraction": 0.2}}),
    (weights_frozen, {"vitals": {"weights_moved": 0.0}}, {"vitals": {"weights_moved": 1e-4}}),
    (
        weights_frozen,
        {"vitals": {"weights_moved": 0.0}},
        {"vitals": moved_once},
    ),
    (weights_jump, {"vitals": {"weights_moved": 0.9}}, {"vitals": {"weights_moved": 0.1}}),
    (network_blind, {"vitals": {"answers_differ": 0.0}}, {"vitals": {"answers_differ": 0.01}}),
]


@pytest.mark.parametrize(("rule", "sick", "healthy"), RULES)
def test_what_is_sick_is_seen_and_what_is_healthy_is_not(checkup, rule, sick, healthy):
    symptom = rule(checkup(**sick))
    assert symptom is not None
    assert symptom.try_first
    assert rule(checkup(**healthy)) is None


def test_the_rate_is_lowered_where_it_was_too_high_and_raised_where_it_was_too_low(checkup):
    assert policy_jumps(checkup(metrics={"kl": 0.5})).try_first == "--learning-rate 0.0001"
    assert policy_hardly_moves(checkup(metrics={"kl": 0.0})).try_first == "--learning-rate 0.01"


def test_a_table_is_not_blind(checkup):
    table = checkup(vitals={"answers_differ": 0.0})
    for mark in table.marks:
        mark.vitals.pop("weights_moved")
    assert network_blind(table) is None
