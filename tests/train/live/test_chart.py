"""Curves in letters: where they are says what they mean."""

from __future__ import annotations

import numpy as np
import pytest

from csai_train.live.chart import draw_bar, draw_chart, only_ascii
from csai_train.live.reference import Reference

RISING = np.array([0.0, 50.0, 100.0]), np.array([0.0, 5.0, 10.0])


def drawn(curve=RISING, total=100, references=(), size=(60, 12), *, is_ascii=True):
    return [line.plain for line in draw_chart(*curve, total, references, size, is_ascii=is_ascii)]


def inked(lines):
    """For each row of the plot, the columns in which the curve is."""
    return [[i for i, letter in enumerate(line) if letter == "*"] for line in lines]


@pytest.mark.parametrize("size", [(20, 5), (60, 12), (119, 30)])
@pytest.mark.parametrize("is_ascii", [True, False])
def test_it_is_as_large_as_it_may_be(size, is_ascii):
    lines = drawn(references=[Reference("goal", 8.0, "=")], size=size, is_ascii=is_ascii)
    assert len(lines) == size[1]
    assert max(map(len, lines)) <= max(size[0], 25)


def test_a_rising_curve_goes_up_and_to_the_right():
    rows = [row for row in inked(drawn()) if row]
    assert max(rows[0]) > max(rows[-1])
    assert min(rows[0]) > min(rows[-1])


def test_the_curve_of_half_a_training_ends_in_the_middle():
    whole = max(max(row, default=0) for row in inked(drawn(total=100)))
    half = max(max(row, default=0) for row in inked(drawn(total=200)))
    margin = drawn()[0].index("|")
    assert half - margin == pytest.approx((whole - margin) / 2, abs=1.5)


def test_references_are_lines_with_names_at_their_heights():
    references = [Reference("goal", 9.0, "="), Reference("random", 1.0, "-")]
    lines = drawn(references=references)
    goal, random = (
        next(i for i, line in enumerate(lines) if word in line) for word in ("goal 9", "random 1")
    )
    assert goal < random
    assert "=====" in lines[goal]
    assert "-----" in lines[random]


def test_references_of_the_same_height_are_both_named():
    lines = "\n".join(drawn(references=[Reference("goal", 5.0, "="), Reference("random", 5.0, "-")]))
    assert "goal 5" in lines
    assert "random 5" in lines


@pytest.mark.parametrize("is_ascii", [True, False])
def test_at_the_left_stand_the_highest_and_the_lowest_number(is_ascii):
    axis = "|" if is_ascii else "│"
    margin = [line.split(axis)[0].strip() for line in drawn(is_ascii=is_ascii)[:-1]]
    assert [label for label in margin if label] == ["10", "0"]
    level = drawn((np.array([1.0, 2.0]), np.array([7.0, 7.0])), is_ascii=is_ascii)[:-1]
    assert [label for line in level if (label := line.split(axis)[0].strip())] == ["7"]


def test_ascii_is_ascii_and_braille_is_finer():
    assert "\n".join(drawn(is_ascii=True)).isascii()
    fine = "".join(drawn(is_ascii=False))
    assert any(0x2800 < ord(letter) < 0x2900 for letter in fine)


@pytest.mark.parametrize(
    "curve", [(np.zeros(0), np.zeros(0)), (np.array([5.0]), np.array([3.0])),
              (np.array([1.0, 2.0]), np.array([7.0, 7.0]))],
)  # fmt: skip
def test_little_or_level_curves_are_drawn(curve):
    assert len(drawn(curve)) == 12


def test_bars_are_filled_by_their_share():
    assert draw_bar(0.5, 10, is_ascii=True) == "#####-----"
    assert draw_bar(7.0, 4, is_ascii=True) == "####"
    assert draw_bar(-1.0, 4, is_ascii=False) == "░░░░"


def test_what_is_not_ascii_is_replaced():
    assert only_ascii("a…ü", {"…": "..."}) == "a...?"
