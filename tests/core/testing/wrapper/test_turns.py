"""What wrappers give is looked at item by item, and plays are compared as closely as is asked."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.testing import ConformanceError
from csai_core.testing.wrapper.turns import (
    Turn,
    check_observation,
    clear_difference,
    first_difference,
    mask_of,
    other_ends,
    turn_of_step,
)


def turns(*values, ends=()):
    return [Turn(f"step {i}", np.array([value]), 0.0, i in ends, False, {}) for i, value in enumerate(values)]


class Gives:
    """A wrapper that gives what it is told."""

    def __init__(self, *items):
        self.items = items

    def step(self, action):
        return self.items


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ((0, 1.0, False, {}), "give five items"),
        ((0, None, False, False, {}), "the reward is None"),
        ((0, float("inf"), False, False, {}), "the reward is inf"),
        ((0, 1.0, 0, False, {}), "terminated is 0; give True or False"),
        ((0, 1.0, False, False, None), "info is None; give a dict"),
    ],
)
def test_a_step_is_five_items_of_their_kinds(items, message):
    with pytest.raises(ConformanceError, match=f"At step 3, .*{message}"):
        turn_of_step(Gives(*items), 0, "step 3")
    assert turn_of_step(Gives(0, np.float32(1), np.bool_(False), True, {}), 0, "step 3").truncated


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (np.zeros(2, np.float32), r"has shape \(2,\)"),
        (np.zeros(3), "has dtype float64"),
        (np.full(3, 7, np.float32), "lies outside"),
    ],
)
def test_an_observation_outside_of_its_space_is_described(given, message):
    with pytest.raises(ConformanceError, match=f"At step 0, the observation .*{message}"):
        check_observation(turns(0)[0]._replace(observation=given), spaces.Box(-1, 1, (3,)))


def test_plays_differ_exactly_or_clearly():
    one, near, far = turns(0.0, 1.0, 2.0), turns(0.0, 1.01, 2.0), turns(0.0, 1.9, 2.0)
    assert first_difference(one, one) == clear_difference(one, near) == ""
    assert "at step 1" in first_difference(one, near)
    assert "at step 1" in clear_difference(one, far)
    assert "at step 1" in other_ends(one, turns(0.0, 1.0, 2.0, ends=(1,)))


def test_a_mask_that_is_none_for_the_space_is_left_out():
    turn = turns(0)[0]
    for mask, expected in (
        ([1, 0], None),
        (np.array([1, 0]), [1, 0]),
        (np.zeros(2), None),
        (np.ones(3), None),
    ):
        found = mask_of(turn._replace(info={"action_mask": mask}), spaces.Discrete(2))
        assert (None if found is None else found.tolist()) == expected
