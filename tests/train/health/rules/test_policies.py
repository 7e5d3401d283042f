"""Policies that stay undecided, decide too soon, or turn to and fro."""

from __future__ import annotations

import pytest

from csai_train.health.rules.policies import decided_too_soon, dull_habit, policy_swings, undecided


@pytest.fixture
def better(summary):
    return lambda i: summary(20.0 if i < 10 else 80.0)


@pytest.mark.parametrize(("marks", "share", "told"), [(30, 0.99, True), (10, 0.99, False), (30, 0.9, False)])
def test_a_policy_that_stays_undecided_is_seen(checkup, marks, share, told):
    assert (undecided(checkup(marks, vitals={"indecision": share})) is not None) is told


def test_an_undecided_policy_may_have_improved(checkup, better):
    assert undecided(checkup(vitals={"indecision": 0.99}, episodes=better)) is None


def test_a_large_bonus_for_staying_undecided_is_lowered_first(checkup, better):
    share = {"vitals": {"indecision": 0.99}}
    assert undecided(checkup(**share)).try_first == "--learning-rate 0.01"
    config = {"learning_rate": 1e-3, "entropy_coef": 10.0}
    assert undecided(checkup(**share, config=config)).try_first == "--entropy-coef 0.01"
    assert undecided(checkup(vitals={"indecision": 0.96}, config=config, episodes=better)) is not None
    assert undecided(checkup(vitals={"indecision": 0.9}, config=config)) is None
    assert undecided(checkup(vitals={"indecision": 0.96})) is None


def test_a_policy_that_decides_too_soon_is_seen(checkup, better):
    sure = {"indecision": 0.001}
    assert decided_too_soon(checkup(20, vitals=sure)).try_first == "--entropy-coef 0.03"
    assert decided_too_soon(checkup(60, vitals=sure)) is None
    assert decided_too_soon(checkup(20, vitals=sure, episodes=better)) is None
    assert decided_too_soon(checkup(20, vitals=sure, goal=10.0)) is None
    assert decided_too_soon(checkup(20, vitals={"indecision": 0.2})) is None


def test_swings_are_seen(checkup, better):
    assert policy_swings(checkup(vitals=lambda i: {"indecision": 0.2 + 0.5 * (i % 2)})) is not None
    assert policy_swings(checkup(vitals=lambda i: {"indecision": 1 - i / 100})) is None
    assert policy_swings(checkup(vitals=lambda i: {"indecision": 0.5 + 0.02 * (i % 2)})) is None


def test_one_dull_habit_is_seen(checkup, better):
    sure = {"vitals": {"indecision": 0.0}, "metrics": {"explained_variance": 0.999}}
    assert dull_habit(checkup(**sure)).try_first == "--entropy-coef 0.02"
    assert dull_habit(checkup(**sure, episodes=better)) is None
    assert dull_habit(checkup(**sure, found=("decided_too_soon",))) is None
    assert dull_habit(checkup(vitals={"indecision": 0.0}, metrics={"explained_variance": 0.5})) is None
