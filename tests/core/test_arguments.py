"""What constructors are given is taken, or refused with a word on what would work."""

from __future__ import annotations

import re

import numpy as np
import pytest

from csai_core.arguments import check_bool, check_int, check_name, check_resolution
from csai_core.errors import ConfigError, UnknownNameError


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
