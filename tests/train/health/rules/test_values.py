"""Values that say nothing, or what cannot be."""

from __future__ import annotations

from csai_train.health.rules.values import (
    target_never_copied,
    values_explain_nothing,
    values_impossible,
    values_too_high,
)


def explained_by(share):
    return lambda i: {"explained_variance": share(i) if callable(share) else share}


PAID = {"reward_lowest": 0.0, "reward_highest": 1.0}


def test_values_that_explain_nothing_are_seen(checkup, summary):
    assert values_explain_nothing(checkup(metrics={"explained_variance": -0.1})) is not None
    assert values_explain_nothing(checkup(metrics={"explained_variance": 0.1})) is None
    assert values_explain_nothing(checkup(15, metrics={"explained_variance": -0.1})) is None
    learning = checkup(45, metrics={"explained_variance": -0.1}, episodes=lambda i: summary(10.0 * i))
    assert values_explain_nothing(learning) is None


def test_values_that_explain_nothing_for_long_are_worth_a_note_where_it_learns(checkup, summary):
    def learning(count, explained, **config):
        episodes = {"episodes": lambda i: summary(10.0 * i)}
        return checkup(count, metrics=explained_by(explained), **episodes, **config)

    assert values_explain_nothing(learning(60, 0.01)).level == "note"
    assert values_explain_nothing(learning(60, 0.1)) is None
    assert values_explain_nothing(learning(40, 0.01)) is None
    assert values_explain_nothing(learning(60, lambda i: 0.5 if i == 55 else 0.0)) is None
    assert values_explain_nothing(learning(60, 0.01, goal=100.0)) is None
    none = {"learning_rate": 1e-3, "value_coef": 0.0}
    assert values_explain_nothing(learning(60, 0.0, config=none)).try_first == "--value-coef 0.5"


def test_values_beyond_what_rewards_allow_are_seen(checkup, summary):
    assert "at most 100" in values_impossible(checkup(vitals={**PAID, "value_largest": 1000.0})).seen
    assert values_impossible(checkup(vitals={**PAID, "value_largest": 99.0})) is None
    assert values_impossible(checkup(vitals={**PAID, "value_largest": 1000.0}, config={"gamma": 1.0})) is None
    hopeful = {"gamma": 0.99, "initial_value": 1000.0}
    assert values_impossible(checkup(vitals={**PAID, "value_largest": 1000.0}, config=hopeful)) is None


def test_a_rare_large_reward_raises_what_is_possible(checkup, summary):
    rare = {"vitals": {**PAID, "value_largest": 900.0}, "episodes": summary(500.0, 500.0)}
    assert values_impossible(checkup(**rare)) is None


def test_a_start_that_is_valued_above_every_episode_is_seen(checkup, summary):
    assert values_too_high(checkup(vitals={**PAID, "start_value": 60.0})) is not None
    assert values_too_high(checkup(vitals={**PAID, "start_value": 25.0})) is None
    offered = checkup(vitals={**PAID, "start_value": 60.0}, config={"double": False})
    assert values_too_high(offered).try_first == "--double"
    costs = {"reward_lowest": -1.0, "reward_highest": 0.0}
    lost = summary(-100.0, 20.0)
    assert values_too_high(checkup(vitals={**costs, "start_value": 50.0}, episodes=lost)) is not None
    assert values_too_high(checkup(vitals={**costs, "start_value": -10.0}, episodes=lost)) is None


def test_a_price_that_was_not_looked_at_is_known_from_the_returns(checkup, summary):
    unseen = {"reward_lowest": 0.0, "reward_highest": 0.0, "start_value": 60.0}
    assert values_too_high(checkup(vitals=unseen, episodes=summary(50.0, 20.0))) is None
    assert values_too_high(checkup(vitals=unseen, episodes=summary(0.0, 20.0))) is None


def test_a_target_that_stays_as_it_was_is_seen(checkup):
    def copied(marks=30, **config):
        return target_never_copied(checkup(marks, config=config))

    assert copied(target_every=10**9).try_first == "--target-every 2000"
    assert copied(target_every=30_001) is not None
    assert copied(target_every=30_000) is None
    assert copied(20, target_every=10**9) is None
    assert copied(target_every=10**9, polyak=0.005) is None
    assert copied(target_every=10**9, target_every_episodes=10) is None
    assert copied() is None
