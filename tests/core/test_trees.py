"""Batches of any space: stacking and taking apart are each other's reverse."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces
from gymnasium.vector.utils import batch_space

from csai_core import trees

SPACES = [
    spaces.Box(-1, 1, (2, 3), np.float32),
    spaces.Discrete(4, start=2),
    spaces.MultiDiscrete([3, 4]),
    spaces.MultiBinary(5),
    spaces.Dict({"a": spaces.Discrete(3), "b": spaces.Tuple((spaces.Box(0, 9, (2,)), spaces.Discrete(2)))}),
    spaces.Tuple((spaces.Dict({"x": spaces.MultiBinary(2)}), spaces.Box(0, 255, (1,), np.uint8))),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_stacking_and_taking_apart(space):
    space.seed(0)
    values = [space.sample() for _ in range(4)]
    batch = trees.stack(space, values)
    assert batch_space(space, 4).contains(batch)
    assert trees.length(batch) == 4
    parts = trees.unstack(batch, 4)
    for value, part in zip(values, parts, strict=True):
        assert trees.are_equal(trees.of_one(value), trees.of_one(part))


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_a_copy_shares_nothing_and_one_value_can_be_replaced(space):
    space.seed(0)
    values = [space.sample() for _ in range(3)]
    other = space.sample()
    while trees.are_equal(trees.of_one(other), trees.of_one(values[1])):
        other = space.sample()
    batch = trees.stack(space, values)
    copy = trees.copy(batch)
    trees.replace(copy, 1, other)
    assert trees.are_equal(batch, trees.stack(space, values))
    assert trees.are_equal(copy, trees.stack(space, [values[0], other, values[2]]))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_is_found_at_any_depth(value):
    assert not trees.is_finite({"a": (np.array([1, 2]), np.array([0.0, value]))})


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_numbers_whose_squares_overflow_are_finite_all_the_same(dtype):
    largest = np.full(3, np.finfo(dtype).max)
    assert trees.is_finite(largest)
    assert not trees.is_finite(np.append(largest, np.array([np.inf], dtype)))


def test_what_is_finite_passes():
    assert trees.is_finite({"a": (np.array([1, 2]), np.array([0.0, 1e300]), np.array([True]))})


@pytest.mark.parametrize("other", [{"a": np.array([1])}, {"b": np.array([1, 2])}, {"a": np.array([1, 3])}])
def test_batches_that_differ_are_not_equal(other):
    assert not trees.are_equal({"a": np.array([1, 2])}, other)


@pytest.mark.parametrize(
    ("space", "batch", "fits"),
    [
        (spaces.Box(0, 1, (3,)), np.zeros((2, 3)), True),
        (spaces.Box(0, 1, (3,)), np.full((2, 3), 9), True),
        (spaces.Box(0, 1, (3,)), np.zeros((3, 3)), False),
        (spaces.Box(0, 1, (3,)), [[0, 0, 0], [0, 0, 0]], False),
        (spaces.Box(0, 1, (3,)), np.array([["a"] * 3] * 2), False),
        (spaces.Discrete(3), np.zeros(2, int), True),
        (spaces.Discrete(3), 1, False),
        (spaces.Dict(a=spaces.Discrete(3)), {"a": np.zeros(2)}, True),
        (spaces.Dict(a=spaces.Discrete(3)), {"b": np.zeros(2)}, False),
        (spaces.Dict(a=spaces.Discrete(3)), np.zeros(2), False),
        (spaces.Tuple([spaces.Discrete(3)]), (np.zeros(2),), True),
        (spaces.Tuple([spaces.Discrete(3)]), (np.zeros(2), 1), False),
        (spaces.Text(3), ("a", "b"), True),
    ],
)
def test_a_batch_has_the_form_of_so_many_values_of_its_space(space, batch, fits):
    assert trees.fits(space, batch, 2) == fits
