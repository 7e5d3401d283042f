"""The account of a game: surprise by hand, ends and cuts, agreement, rewards in parts, and steps back."""

import numpy as np
import pytest

from csai_core.explanation import Amount, Explanation, Options
from csai_core.thoughts import History
from csai_core.thoughts.history import agrees, ties_of


def options(chosen=0, values=(1.0, 0.5), chances=None, allowed=None, name=""):
    count = len(values or chances)
    names = tuple(f"a{i}" for i in range(count))
    return Options(name, names, chosen, values, chances, allowed or (True,) * count)


def thinks(value, chosen=0, **what):
    return Explanation(chosen, (options(chosen, **what),), value)


def test_surprise_is_the_error_of_temporal_difference():
    history = History(thinks(2.0), gamma=0.5)
    history.note(0, 1.0, terminated=False, explanation=thinks(3.0))
    assert history.last.surprise == pytest.approx(1.0 + 0.5 * 3.0 - 2.0)
    history.note(0, -1.0, terminated=False, explanation=thinks(0.0))
    assert history.surprises == pytest.approx([0.5, -1.0 - 3.0])
    assert history.values == [2.0, 3.0, 0.0]
    assert history.rewards == [1.0, -1.0]


def test_nothing_is_expected_where_the_game_itself_has_ended():
    history = History(thinks(2.0), gamma=0.5)
    history.note(0, 1.0, terminated=True, explanation=thinks(100.0), is_over=True)
    assert history.last.surprise == pytest.approx(1.0 - 2.0)
    assert history.values == [2.0, 0.0]
    assert history.present is None
    assert history.shown.value == 2.0


def test_what_would_have_followed_counts_where_the_game_was_cut_short():
    history = History(thinks(2.0), gamma=0.5)
    history.note(0, 1.0, terminated=False, explanation=thinks(100.0), is_over=True)
    assert history.last.surprise == pytest.approx(1.0 + 50.0 - 2.0)
    assert history.values == [2.0, 100.0]
    assert history.present is None
    assert history.shown.value == 2.0


@pytest.mark.parametrize("first", [thinks(None), None], ids=["no value", "no explanation"])
def test_without_values_there_is_no_surprise_also_at_the_end(first):
    history = History(first, gamma=0.5)
    history.note(0, 1.0, terminated=False, explanation=first)
    history.note(0, 1.0, terminated=True)
    assert history.surprises == [None, None]
    assert history.values == [None, None, None]


def test_without_gamma_there_is_no_surprise_and_values_stay():
    history = History(thinks(2.0))
    history.note(0, 1.0, terminated=False, explanation=thinks(3.0))
    assert history.surprises == [None]
    assert history.values == [2.0, 3.0]


def test_a_step_back_forgets_the_step_alone():
    history = History(first := thinks(2.0), gamma=1.0)
    history.note(0, 1.0, terminated=False, explanation=(second := thinks(3.0)), reward_parts={"food": 1.0})
    history.note(1, 2.0, terminated=True, reward_parts={"food": 2.0}, is_persons=True)
    history.take_back()
    assert history.present is second
    assert history.values == [2.0, 3.0]
    assert history.parts_so_far == {"food": 1.0}
    assert history.agreement == (0, 0)
    history.take_back()
    assert history.present is first
    assert history.last is None


def test_rewards_add_up_part_by_part():
    history = History(None)
    history.note(0, 1.5, terminated=False, reward_parts={"food": 2.0, "step": np.float32(-0.5)})
    history.note(0, -0.5, terminated=False, reward_parts={"step": np.array([-0.5])})
    assert history.parts_so_far == {"food": 2.0, "step": -1.0}
    assert history.last.reward_parts == {"step": -0.5}


@pytest.mark.parametrize(
    "told", [None, {}, "food", {"food": "much"}, {"food": float("nan")}, {"food": [1, 2]}]
)
def test_a_reward_that_nobody_tells_in_parts_is_one(told):
    history = History(None)
    history.note(0, 1.5, terminated=False, reward_parts=told)
    assert history.last.reward_parts == {}
    assert history.parts_so_far == {"reward": 1.5}


def test_agreement_counts_what_a_person_did_as_the_agent_would():
    history = History(thinks(1.0, chosen=1, values=(0.5, 1.0)), gamma=1.0)
    again = thinks(1.0, chosen=1, values=(0.5, 1.0))
    history.note(np.int64(1), 0.0, terminated=False, explanation=again, is_persons=True)
    history.note(0, 0.0, terminated=False, explanation=again, is_persons=True)
    history.note(1, 0.0, terminated=False, explanation=None)  # the agent's own
    history.note(1, 0.0, terminated=True, is_persons=True)  # it says nothing of this state
    assert history.agreement == (1, 2)


def test_what_is_just_as_good_agrees():
    tied = options(0, values=(1.0, 1.0, 0.2), allowed=(True, True, True))
    assert ties_of(tied) == (0, 1)
    assert agrees(Explanation(0, (tied,), 1.0), 1)
    assert not agrees(Explanation(0, (tied,), 1.0), 2)
    forbidden = options(0, values=(1.0, 1.0), allowed=(True, False))
    assert ties_of(forbidden) == (0,)


def test_chances_tie_too_and_what_is_not_told_ties_with_nothing():
    assert ties_of(options(1, values=None, chances=(0.5, 0.5))) == (0, 1)
    assert ties_of(Options("", ("a", "b"), 1, None, None, (True, True))) == (1,)


@pytest.mark.parametrize(
    ("action", "answer"),
    [([0.3], True), ([0.45], True), ([0.9], False), ([[0.3]], True), ([0.3, 0.3], False)],
)
def test_numbers_agree_within_a_tenth_of_their_bounds(action, answer):
    thought = Explanation([0.3], (Amount("", 0.3, -1.0, 1.0, 0.3, 0.1),), None)
    assert agrees(thought, action) == answer


def test_actions_that_start_elsewhere_and_have_parts_agree_part_by_part():
    parts = (options(1, values=None, chances=(0.3, 0.7), name="x"), Amount("y", 1.0, None, None, 1.0, 0.2))
    thought = Explanation({"x": 6, "y": [1.0]}, parts, None)  # x starts at 5
    assert agrees(thought, {"x": 6, "y": [1.1]})
    assert not agrees(thought, {"x": 5, "y": [1.0]})
    assert not agrees(thought, {"x": 6, "y": [1.5]})
