"""Exploring that ends too soon, and discounts that hide what is paid."""

from __future__ import annotations

import pytest

from csai_train.health.rules.exploration import (
    exploring_ended_early,
    exploring_never_ends,
    short_sighted,
    undiscounted,
)

DQN = {"epsilon_start": 1.0, "epsilon_end": 0.0, "exploration_fraction": 0.01}


def test_exploring_that_ends_at_once_is_seen(checkup, summary):
    none = {"metrics": {"epsilon": 0.0}}
    assert exploring_ended_early(checkup(6, **none, config=DQN)).try_first == "--exploration-fraction 0.3"
    never = {**DQN, "epsilon_start": 0.0}
    assert exploring_ended_early(checkup(6, **none, config=never)).try_first == "--epsilon-start 1"
    assert exploring_ended_early(checkup(30, **none, config=DQN)) is None
    assert exploring_ended_early(checkup(40, **none, config=never)).try_first == "--epsilon-start 1"
    assert exploring_ended_early(checkup(60, **none, config=never)) is None
    assert exploring_ended_early(checkup(6, metrics={"epsilon": 0.5}, config=DQN)) is None


@pytest.mark.parametrize(
    ("initial", "highest", "told"), [(1.0, 1.0, False), (0.0, -1.0, False), (0.0, 1.0, True)]
)
def test_a_table_that_hopes_explores_without_chance(checkup, initial, highest, told):
    found = exploring_ended_early(
        checkup(
            6,
            metrics={"epsilon": 0.0},
            config={"initial_value": initial, "epsilon_start": 0.0},
            vitals={"reward_highest": highest},
        )
    )
    assert (found is not None) is told


def test_chance_that_stays_to_the_end_is_seen(checkup):
    at_random = {"metrics": {"epsilon": 0.9}}
    assert exploring_never_ends(checkup(80, **at_random)).try_first == "--epsilon-end 0.05"
    assert exploring_never_ends(checkup(60, **at_random)) is None
    assert exploring_never_ends(checkup(80, metrics={"epsilon": 0.3})) is None
    assert exploring_never_ends(checkup(80, **at_random, goal=10.0)) is None
    to_its_end = {**DQN, "epsilon_end": 0.8}
    assert "80% will be at its end" in exploring_never_ends(checkup(5, **at_random, config=to_its_end)).seen
    assert exploring_never_ends(checkup(2, **at_random, config=to_its_end)) is None
    assert exploring_never_ends(checkup(80)) is None


def test_a_short_sight_is_seen(checkup, summary):
    assert short_sighted(checkup(config={"gamma": 0.0})).try_first == "--gamma 0.99"
    assert short_sighted(checkup(config={"gamma": 0.9}, vitals={"reward_share": 1.0})) is None
    rare = {"reward_share": 0.01}
    assert "every 100 steps" in short_sighted(checkup(config={"gamma": 0.9}, vitals=rare)).seen
    learns = checkup(config={"gamma": 0.9}, vitals=rare, episodes=lambda i: summary(10.0 * i))
    assert short_sighted(learns) is None
    assert short_sighted(checkup(config={"gamma": 0.0}, episodes=summary(length=1))) is None


def test_no_discount_is_noted_where_episodes_are_long_or_cut(checkup, summary):
    forever = {"gamma": 1.0}
    assert undiscounted(checkup(config=forever, episodes=summary(num_cut=10))).level == "note"
    assert undiscounted(checkup(config=forever)) is None
    assert undiscounted(checkup(config={"gamma": 0.99}, episodes=summary(num_cut=10))) is None
