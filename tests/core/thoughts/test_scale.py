"""Scales end in round numbers, hold zero and everything seen, and are only ever widened, which is told."""

import dataclasses

import pytest

from csai_core.explanation import Amount, Explanation, Options
from csai_core.thoughts import History, Scale
from csai_core.thoughts.scale import Range, round_up, signed


def thinks(*values, allowed=None):
    names = tuple(map(str, values))
    part = Options("", names, 0, values, None, allowed or (True,) * len(values))
    return Explanation(0, (part,), max(values))


@pytest.mark.parametrize(
    ("number", "round_number"),
    [
        (0.3, 0.5),
        (1.0, 1.0),
        (1.01, 2.0),
        (2.5, 5.0),
        (50.0, 50.0),
        (51.0, 100.0),
        (0.001, 0.001),
        (7e8, 1e9),
    ],
)
def test_the_next_round_number(number, round_number):
    assert round_up(number) == pytest.approx(round_number)


def test_a_range_holds_zero_and_widens_with_room_to_spare():
    span = Range()
    assert span.include([0.9])
    assert (span.low, span.high) == (0.0, 1.0)
    assert not span.include([0.5, 1.0, float("nan"), float("inf")])
    assert span.include([1.9, -0.2])
    assert (span.low, span.high) == (-0.2, 5.0)
    assert str(span) == "-0.2 to +5"


def test_places_are_proportional_and_end_at_the_ends():
    span = Range(-1.0, 3.0)
    assert [span.place(each) for each in (-9, -1, 0, 1, 3, 9)] == [0.0, 0.0, 0.25, 0.5, 1.0, 1.0]
    assert Range().place(0.0) == 0.0


def test_a_scale_stays_while_nothing_leaves_it_and_says_when_it_is_widened():
    scale, history = Scale(), History(thinks(4.0, 1.0), gamma=1.0)
    scale.include(history)
    before = str(scale.values)
    assert before == "0 to +5"
    assert not scale.is_news  # a game's first scale is none
    for _ in range(30):
        history.note(0, 0.0, terminated=False, explanation=thinks(4.5, 2.0))
        scale.include(history)
        assert (str(scale.values), scale.is_news) == (before, False)
    history.note(0, 1.0, terminated=False, explanation=thinks(-6.0, 2.0))
    scale.include(history)
    assert str(scale.values) == "-10 to +5"
    assert scale.is_news
    scale.settle()
    assert not scale.is_news


def test_values_of_forbidden_actions_do_not_count():
    scale = Scale()
    thought = thinks(1.0, 1e9, allowed=(True, False))
    scale.include(History(dataclasses.replace(thought, value=1.0)))
    assert str(scale.values) == "0 to +1"


def test_a_scale_is_kept_from_game_to_game():
    scale = Scale()
    scale.include(History(thinks(40.0, 1.0)))
    scale.include(History(thinks(0.1, 0.05)))
    assert str(scale.values) == "0 to +50"


def test_numbers_without_bounds_are_drawn_as_far_as_they_were_seen():
    scale = Scale()
    open_ended, bounded = Amount("x", 3.0, None, None, 2.0, 1.0), Amount("y", 0.5, -1.0, 2.0, None, None)
    scale.include(History(Explanation(None, (open_ended, bounded), None)))
    assert scale.range_of(open_ended) == Range(0.0, 5.0)
    assert scale.range_of(bounded) == Range(-1.0, 2.0)


@pytest.mark.parametrize(
    ("number", "words"), [(0.0, "0"), (-0.0, "0"), (1.0, "+1"), (-0.25, "-0.25"), (1e-12, "+1e-12")]
)
def test_signs_are_printed(number, words):
    assert signed(number) == words


def test_numbers_can_have_so_many_decimals():
    told = [signed(each, decimals=2) for each in (0.531, -2, 0.0, -0.001)]
    assert told == ["+0.53", "-2.00", "0", "0"]
    assert signed(12.34, decimals=0) == "+12"


def test_ends_of_scales_can_be_others():
    assert [round_up(each, (1, 3, 10)) for each in (0.9, 2.5, 31.0)] == [1.0, 3.0, 100.0]
