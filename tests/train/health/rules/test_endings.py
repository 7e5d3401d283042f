"""Endings that do not come, come for the wrong reason, or all at once."""

from __future__ import annotations

from csai_train.health.rules.endings import cut_before_its_time, lock_step, no_ending, one_habit


def test_no_ending_is_seen_once_the_limit_is_over(checkup, summary):
    symptom = no_ending(checkup(episodes=lambda i: {}, max_episode_steps=500))
    assert "50,000 steps" in symptom.seen
    assert symptom.try_first == "--env max_episode_steps=500"
    assert no_ending(checkup()) is None
    assert no_ending(checkup(episodes=lambda i: {}, max_episode_steps=40_000)) is None
    assert no_ending(checkup(episodes=lambda i: {}, total=1000)) is None


def test_long_episodes_of_one_that_plays_well_are_no_trouble(checkup, summary):
    well = checkup(episodes=lambda i: summary(10.0) if i < 3 else summary(90.0) if i < 6 else {})
    assert no_ending(well) is None


def test_cut_after_differing_times_is_seen(checkup, summary):
    cut = summary(num_cut=10)
    assert "19 to 21" in cut_before_its_time(checkup(episodes=cut)).seen
    assert cut_before_its_time(checkup(episodes=summary(num_cut=9))) is None
    at_the_limit = {**cut, "shortest": 20, "longest": 20}
    assert cut_before_its_time(checkup(episodes=at_the_limit)) is None
    assert cut_before_its_time(checkup(episodes=cut, max_episode_steps=20)) is None


def test_lock_step_takes_the_same_start_and_the_same_ends(checkup, summary):
    together = summary(count=40, num_moments=10)
    alike = {"starts_alike": 1.0}
    assert "The 4 environments" in lock_step(checkup(episodes=together, vitals=alike, num_envs=4)).seen
    assert lock_step(checkup(episodes=together, num_envs=4)) is None
    assert lock_step(checkup(episodes=summary(count=40, num_moments=30), vitals=alike, num_envs=4)) is None
    assert lock_step(checkup(episodes=together, vitals=alike, num_envs=1)) is None


def test_one_habit_is_worse_than_what_there_was(checkup, summary):
    def fixed(i):
        return summary(20.0) if i < 20 else summary(9.0, 0.0, shortest=9, longest=9)

    assert "all lasted 9 steps" in one_habit(checkup(episodes=fixed)).seen
    assert one_habit(checkup(episodes=lambda i: {**fixed(i), "num_cut": 10})) is None
    better = checkup(
        episodes=lambda i: summary(-20.0) if i < 20 else summary(9.0, 0.0, shortest=9, longest=9)
    )
    assert one_habit(better) is None
    assert one_habit(checkup(episodes=fixed, found=("policy_jumps",))) is None
