"""What constructors are given is taken, or refused with a word on what would work."""

from __future__ import annotations

import re

import numpy as np
import pytest

from csai_core.arguments import (
    LARGEST_SEED,
    check_bool,
    check_int,
    check_name,
    check_number,
    check_resolution,
    check_seed,
    drawn_seed,
)
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.schedules import Schedule


@pytest.mark.parametrize("value", [2, 9, np.int64(9), np.uint8(2)])
def test_whole_numbers(value):
    checked = check_int("Maze", "rooms", value, 2, 9)
    assert (checked, type(checked)) == (int(value), int)


@pytest.mark.parametrize("value", [1, 10, 5.0, np.float64(5), "5", None, True, [5], np.array([3, 4])])
def test_what_is_no_whole_number_in_range(value):
    message = f"Maze was given rooms={value!r}; it must be an integer from 2 to 9."
    with pytest.raises(ConfigError, match=re.escape(message)):
        check_int("Maze", "rooms", value, 2, 9)


def test_a_whole_number_without_a_limit():
    assert check_int("Maze", "rooms", 10**12, 2) == 10**12
    with pytest.raises(ConfigError, match=r"it must be an integer of 2 or more\."):
        check_int("Maze", "rooms", 1, 2)


@pytest.mark.parametrize("value", [0.25, 1, np.float32(0.5), np.int64(1)])
def test_numbers(value):
    checked = check_number("Play", "speed", value, above=0, most=1)
    assert (checked, type(checked)) == (float(value), float)


@pytest.mark.parametrize("value", [0, 1.01, -1, "1", None, True, float("nan"), float("inf"), [1.0], 10**400])
def test_what_is_no_number_in_range(value):
    message = f"Play was given speed={value!r}; it must be a finite number above 0 and at most 1."
    with pytest.raises(ConfigError, match=re.escape(message)):
        check_number("Play", "speed", value, above=0, most=1)


def test_a_number_without_bounds_must_be_finite():
    assert check_number("Play", "offset", -1e300) == -1e300
    with pytest.raises(ConfigError, match=r"it must be a finite number\."):
        check_number("Play", "offset", float("-inf"))
    with pytest.raises(ConfigError, match=r"Schedule\('linear', 1\.0, 0\.0\); it must be a finite number\."):
        check_number("Play", "offset", Schedule("linear", 1, 0))


@pytest.mark.parametrize("seed", [None, 0, np.int64(3), 2**63, LARGEST_SEED])
def test_seeds(seed):
    checked = check_seed("train", seed)
    assert checked == seed
    assert type(checked) in (int, type(None))


@pytest.mark.parametrize("seed", [-1, 1.5, "3", True, LARGEST_SEED + 1, float("nan"), [1], np.float64(1)])
def test_what_is_no_seed(seed):
    with pytest.raises(ConfigError, match=r"train was given seed=.*from 0 to 2\*\*64 - 1, or None for any"):
        check_seed("train", seed)
    with pytest.raises(ConfigError, match="train was given seed="):
        drawn_seed("train", seed)


def test_a_seed_that_is_left_out_is_drawn():
    assert drawn_seed("train", 7) == 7
    drawn = {drawn_seed("train", None) for _ in range(5)}
    assert len(drawn) == 5
    assert all(check_seed("train", each) == each for each in drawn)


def test_truths():
    assert check_bool("Ice", "is_slippery", True) is True
    assert check_bool("Ice", "is_slippery", np.bool_(False)) is False
    for value in (0, 1, "False", None, np.array([True])):
        with pytest.raises(ConfigError, match=r"Ice was given is_slippery=.*; it must be True or False\."):
            check_bool("Ice", "is_slippery", value)


def test_names():
    assert check_name("reward", "sparse", {"sparse": 1, "shaped": 2}) == "sparse"
    for value in ("spare", 3, ["sparse"], None):
        with pytest.raises(UnknownNameError, match=r"No reward named .* Known: shaped, sparse\."):
            check_name("reward", value, {"sparse": 1, "shaped": 2})


def test_resolutions():
    assert check_resolution("Maze", [480, np.int64(20)]) == (480, 20)
    for value in (480, (480,), (1, 2, 3), (0, 10), (10, 10_001), (4.5, 4), "ab", None):
        with pytest.raises(ConfigError, match=r"Maze was given resolution=.*two integers from 1 to 10000"):
            check_resolution("Maze", value)
