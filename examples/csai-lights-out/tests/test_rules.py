"""The rules, checked by hand and by their symmetries."""

import numpy as np
import pytest

from csai_lights_out import rules


def board(*rows):
    return np.array([[int(cell) for cell in row] for row in rows], np.int8)


@pytest.mark.parametrize(
    ("cell", "after"),
    [
        ((1, 1), board("010", "111", "010")),
        ((0, 0), board("110", "100", "000")),
        ((0, 2), board("011", "001", "000")),
        ((2, 1), board("000", "010", "111")),
    ],
)
def test_a_press_switches_the_lamp_and_its_neighbors(cell, after):
    lamps = board("000", "000", "000")
    rules.press(lamps, *cell)
    assert np.array_equal(lamps, after)


def test_pressing_twice_undoes_itself():
    lamps = rules.new_game(4, np.random.default_rng(1).integers)
    before = lamps.copy()
    rules.press(lamps, 2, 3)
    assert not np.array_equal(lamps, before)
    rules.press(lamps, 2, 3)
    assert np.array_equal(lamps, before)


def test_dark_is_when_no_lamp_is_lit():
    assert rules.is_dark(board("00", "00"))
    assert not rules.is_dark(board("00", "01"))


@pytest.mark.parametrize("size", [2, 3, 5])
def test_a_new_game_has_a_lit_lamp(size):
    draw = np.random.default_rng(0).integers
    assert all(not rules.is_dark(rules.new_game(size, draw)) for _ in range(100))


def test_a_new_game_is_what_was_drawn():
    draws = iter([1, 0, 0, 0, 1, 0, 0, 0, 0])
    assert np.array_equal(rules.new_game(3, lambda outcomes: next(draws)), board("100", "011", "010"))


def test_no_game_begins_in_the_dark():
    draws = iter([0, 0, 0, 0, 3])
    assert np.array_equal(rules.new_game(2, lambda outcomes: next(draws)), board("01", "11"))
