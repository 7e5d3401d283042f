"""Playing as chance does, forgetting, and standing still."""

from __future__ import annotations

from csai_core.schedules import Schedule
from csai_train.health.rules.progress import forgetting, no_better_than_random, stuck, unreliable


def test_playing_as_chance_does_is_seen(checkup, summary):
    assert "random actions brought 20" in no_better_than_random(checkup(play=20.0)).seen
    assert "first episodes" in no_better_than_random(checkup()).seen
    assert no_better_than_random(checkup(play=5.0)) is None
    assert no_better_than_random(checkup(play=20.0, episodes=summary(21.0, 0.5))) is None
    assert no_better_than_random(checkup(20, play=20.0)) is None
    assert no_better_than_random(checkup(play=20.0, goal=15.0)) is None


def test_who_still_tries_at_random_is_not_judged_yet(checkup, summary):
    exploring = {"metrics": {"epsilon": 0.5}, "config": {"epsilon_end": 0.05}}
    assert no_better_than_random(checkup(play=20.0, **exploring)) is None
    always = {"metrics": {"epsilon": 0.3}, "config": {"epsilon_end": 0.3}}
    assert no_better_than_random(checkup(play=20.0, **always)) is not None


def test_what_was_found_before_comes_first(checkup, summary):
    symptom = no_better_than_random(checkup(play=20.0, found=("policy_jumps",)))
    assert symptom.try_first == "what is said of 'policy jumps'"


def test_forgetting_is_seen_by_what_was_gained(checkup, summary):
    def rise_and_fall(i):
        return summary(20.0 if i < 10 or i > 60 else 200.0)

    symptom = forgetting(checkup(80, episodes=rise_and_fall))
    assert "200" in symptom.seen
    assert symptom.try_first == "--learning-rate 0.000333"
    annealed = checkup(80, episodes=rise_and_fall, config={"anneal_learning_rate": False})
    assert forgetting(annealed).try_first == "--anneal-learning-rate"
    config = {"anneal_learning_rate": False, "learning_rate": Schedule("linear", 3e-3, 0.0)}
    falling = checkup(80, episodes=rise_and_fall, config=config)
    assert forgetting(falling).try_first == "--learning-rate 'linear:0.001->0'"
    assert forgetting(checkup(80, episodes=lambda i: summary(20.0 + i))) is None
    assert forgetting(checkup(80)) is None


def test_standing_still_below_the_goal_is_noted(checkup, summary):
    def halfway(i):
        return summary(20.0 if i < 10 else 60.0 if i < 20 else 59.0)

    assert stuck(checkup(90, episodes=halfway, goal=100.0)).level == "note"
    assert stuck(checkup(90, episodes=halfway, goal=50.0)) is None
    assert stuck(checkup(90, episodes=halfway)) is None
    assert stuck(checkup(90, episodes=lambda i: summary(20.0 + i), goal=500.0)) is None
    few = checkup(90, episodes=lambda i: {**halfway(i), "count": 1}, goal=100.0)
    assert few.best()[1] <= 40_000
    assert stuck(few) is None


def test_reaching_the_goal_now_and_then_is_noted(checkup, summary):
    wild = summary(30.0, 80.0)
    assert unreliable(checkup(95, episodes=wild, goal=100.0)).try_first == "--total-steps 200000"
    assert unreliable(checkup(95, episodes=summary(60.0, 80.0), goal=100.0)) is None
    assert unreliable(checkup(50, episodes=wild, goal=100.0)) is None
