"""Rewards that teach nothing, are too large, or pay for quitting."""

from __future__ import annotations

from csai_train.health.rules.rewards import quitting_pays, reward_never_changes, rewards_too_large


def test_the_same_return_in_every_episode_is_seen(checkup, summary):
    symptom = reward_never_changes(checkup(episodes=summary(0.0, 0.0)))
    assert "exactly 0" in symptom.seen
    assert "Mine-v0" in symptom.try_first
    assert reward_never_changes(checkup()) is None
    assert reward_never_changes(checkup(marks=2, episodes=summary(0.0, 0.0))) is None
    assert reward_never_changes(checkup(marks=14, episodes=summary(0.0, 0.0))) is None
    assert reward_never_changes(checkup(marks=14, episodes=summary(1.0, 0.0))) is not None


def test_a_goal_that_was_not_reached_yet_has_more_time(checkup, summary):
    cut = summary(-200.0, 0.0, num_cut=10)
    assert reward_never_changes(checkup(marks=15, episodes=cut)) is None
    assert "never reached" in reward_never_changes(checkup(marks=30, episodes=cut)).means


def test_large_returns_are_seen_where_a_network_must_learn_them(checkup, summary):
    large = summary(20_000.0, 100.0, length=20)
    assert "20,000" in rewards_too_large(checkup(episodes=large)).seen
    assert rewards_too_large(checkup(episodes=summary(200.0, 10.0, length=200))) is None
    scaled = {"normalize_reward": True, "gamma": 0.99}
    assert rewards_too_large(checkup(episodes=large, config=scaled)) is None
    offered = {"normalize_reward": False, "gamma": 0.99}
    assert rewards_too_large(checkup(episodes=large, config=offered)).try_first == "--normalize-reward"
    table = checkup(episodes=large)
    for mark in table.marks:
        mark.vitals.pop("weights_moved")
    assert rewards_too_large(table) is None


def test_shorter_and_shorter_is_seen_where_each_step_costs_the_same(checkup, summary):
    def shorter(i):
        return summary(-20.0 if i < 20 else -9.0, 2.0, length=20 if i < 20 else 9)

    costs = {"reward_lowest": -1.0, "reward_highest": -1.0}
    assert "9 steps" in quitting_pays(checkup(episodes=shorter, vitals=costs)).seen
    assert quitting_pays(checkup(episodes=shorter, vitals={**costs, "reward_highest": 0.0})) is None
    assert quitting_pays(checkup(vitals=costs)) is None
    paid_at_the_end = checkup(
        episodes=lambda i: summary(-10.0 if i < 20 else 1.0, 2.0, shorter(i)["mean_length"]), vitals=costs
    )
    assert quitting_pays(paid_at_the_end) is None
    cut_at_first = checkup(episodes=lambda i: {**shorter(i), "num_cut": 10 if i < 20 else 0}, vitals=costs)
    assert quitting_pays(cut_at_first) is None
