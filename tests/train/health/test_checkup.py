"""What a checkup makes of marks, against sums done by hand."""

from __future__ import annotations

import math

import pytest

from csai_train.health import Checkup, Mark, Subject
from csai_train.health.checkup import sum_up

SUBJECT = Subject(algorithm="ppo", environment="", total_steps=1000, num_envs=2)


def of(*episodes, **about):
    marks = [Mark(100 * i, each) for i, each in enumerate(episodes, start=1)]
    return Checkup(Subject(algorithm="", environment="", total_steps=1000, num_envs=2, **about), marks)


def some(count, mean, **more):
    return {"count": count, "mean_return": mean, "mean_length": 5.0, **more}


def test_summaries_add_up():
    episodes = sum_up(
        [
            some(1, 4.0, lowest_return=4.0, highest_return=4.0, std_return=0.0, num_cut=1, num_moments=1),
            some(3, 0.0, lowest_return=-3.0, highest_return=3.0, std_return=2.0, num_cut=1, num_moments=2),
        ]
    )
    assert (episodes.count, episodes.mean_return, episodes.num_cut, episodes.num_moments) == (4, 1.0, 2, 3)
    assert (episodes.lowest_return, episodes.highest_return) == (-3.0, 4.0)
    assert episodes.std_return == pytest.approx(math.sqrt((16 + 3 * 4) / 4 - 1))
    assert episodes.mean_score is None
    assert episodes.value == 1.0


def test_older_feeds_lack_some_of_it():
    episodes = sum_up([some(2, 1.0), some(2, 3.0)])
    assert (episodes.shortest, episodes.longest, episodes.num_cut) == (5.0, 5.0, 0)
    assert (episodes.lowest_return, episodes.highest_return, episodes.std_return) == (1.0, 3.0, 1.0)


def test_first_and_recent_take_as_many_marks_as_hold_enough():
    checkup = of(some(20, 0.0), some(15, 1.0), {}, some(15, 3.0), some(10, 5.0))
    assert checkup.first().mean_return == 0.0
    assert checkup.recent().mean_return == (15 * 3 + 10 * 5) / 25
    assert checkup.recent(1000) is None
    assert checkup.best() == (2.0, 400)  # groups do not overlap, and the last is too small
    assert checkup.all_episodes().count == 60


def test_it_has_improved_where_the_gain_shows_beside_the_spread():
    wide = {"lowest_return": -10.0, "highest_return": 10.0}
    assert not of(some(20, 0.0, **wide), some(20, 4.0, lowest_return=-1.0)).has_improved()
    assert of(
        some(20, 0.0, **wide), some(20, 4.0, lowest_return=0.5)
    ).has_improved()  # each, more than before
    assert of(some(20, 0.0, **wide), some(20, 6.0)).has_improved()
    assert not of().has_improved()


def test_it_knows_when_an_episode_ended_and_how_far_it_is():
    checkup = of(some(1, 0.0), {}, {})
    assert checkup.steps_since_an_end() == (300 - 100) // 2
    assert checkup.share_done == 0.3
    assert checkup.is_warm
    assert of({}, {}).steps_since_an_end() == 100
    assert Checkup(SUBJECT, []).share_done == 0


def test_series_leave_out_what_is_missing_or_not_finite():
    marks = [Mark(1, {}, {"kl": 1.0}), Mark(2), Mark(3, {}, {"kl": math.inf}), Mark(4, {}, {}, {"kl": 3.0})]
    checkup = Checkup(SUBJECT, marks)
    assert checkup.series("kl") == [1.0, 3.0]
    assert checkup.series("kl", last=1) == [3.0]
    assert checkup.metric("kl") is None
    assert checkup.vital("kl") == 3.0


@pytest.mark.parametrize(("goal", "reached"), [(None, False), (4.0, False), (3.0, True)])
def test_a_goal_is_reached_by_the_newest_episodes(goal, reached):
    assert of(some(20, 9.0), some(20, 3.5), goal=goal).has_reached_its_goal() is reached
