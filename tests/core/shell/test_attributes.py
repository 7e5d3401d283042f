"""Attributes: their values always lie in their spaces, and errors name what is off."""

from __future__ import annotations

import contextlib

import numpy as np
import pytest
from gymnasium.spaces import Text
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from csai_core import (
    ActionAttribute,
    Attribute,
    BoxType,
    DiscreteType,
    MultiBinaryType,
    MultiDiscreteType,
    ObsAttribute,
)
from csai_core.errors import ContractError, SpaceError

SPACES = [
    BoxType(-1.0, 1.0, (2,), np.float32),
    BoxType(0, 255, (2, 3), np.uint8),
    BoxType(-np.inf, np.inf, (), np.float64),
    DiscreteType(4),
    DiscreteType(3, start=-1),
    MultiDiscreteType([3, 2]),
    MultiDiscreteType([2, 2], start=[1, -1]),
    MultiBinaryType(3),
    MultiBinaryType([2, 2]),
]


@pytest.mark.parametrize("space", SPACES, ids=str)
def test_the_first_value_and_every_sample_lie_in_the_space(space):
    attribute = Attribute("x", space)
    assert space.contains(attribute.data)
    for _ in range(20):
        attribute.update(attribute.sample())
        assert space.contains(attribute.data)
    assert attribute.shape == attribute._get_shape() == space.shape


@given(hnp.arrays(hnp.scalar_dtypes(), hnp.array_shapes(min_dims=0, max_dims=2, max_side=3)), st.data())
def test_what_update_takes_lies_in_the_space_and_everything_else_is_refused(value, data):
    attribute = Attribute("x", data.draw(st.sampled_from(SPACES)))
    with contextlib.suppress(SpaceError):
        attribute.update(value)
    assert attribute.space.contains(attribute.data)


def test_values_are_cast_to_the_dtype_of_the_space():
    attribute = Attribute("x", BoxType(0.0, 1.0, (2,), np.float32))
    attribute.update([0, 1])
    assert attribute.data.dtype == np.float32
    flags = Attribute("f", MultiBinaryType(2))
    flags.update([True, False])
    assert flags.data.dtype == np.int8
    place = Attribute("p", DiscreteType(3))
    place.update(np.int64(2))
    assert type(place.data) is int


def test_a_bound_that_rounds_in_float32_is_still_inside():
    limit = 0.7  # float32(0.7) < 0.7
    attribute = Attribute("speed", BoxType(-limit, limit, (1,), np.float32))
    attribute.update([limit])
    assert attribute.space.contains(attribute.data)


@pytest.mark.parametrize(
    ("space", "value", "message"),
    [
        (BoxType(0, 1, (2,), np.float32), [0.5, 1.5], r"element \(1,\) is 1.5, but must be from 0.0 to 1.0"),
        (BoxType(0, 1, (2,), np.float32), [0.5, np.nan], r"element \(1,\) is nan"),
        (BoxType(0, 1, (2,), np.float32), [0.5], r"must have shape \(2,\).*but was given shape \(1,\)"),
        (BoxType(0, 1, (2,), np.float32), "hi", r"must have shape \(2,\)"),
        (BoxType(0, 1, (2,), np.float32), ["a", "b"], r"must hold float32 values"),
        (BoxType(0, 1, (2,), np.float32), [[1], [1, 2]], r"but was given \[\[1\], \[1, 2\]\]"),
        (BoxType(0, 255, (1,), np.uint8), [256], r"uint8.* cannot hold.*256"),
        (BoxType(0, 255, (1,), np.uint8), [0.5], r"must hold uint8 values.*float64"),
        (BoxType(-1e30, 1e30, (1,), np.float32), [1e300], r"element \(0,\) is inf"),
        (DiscreteType(3, start=1), 0, r"integer from 1 to 3, but was given 0"),
        (DiscreteType(3), 1.0, r"integer from 0 to 2, but was given 1.0"),
        (DiscreteType(3), True, r"but was given True"),
        (DiscreteType(3), None, r"but was given None"),
        (MultiDiscreteType([3, 2]), [0, 2], r"element \(1,\) is 2, but must be from 0 to 1"),
        (MultiBinaryType(2), [0, 2], r"element \(1,\) is 2"),
    ],
)
def test_values_outside_are_refused_naming_the_attribute_and_the_element(space, value, message):
    with pytest.raises(SpaceError, match=message) as caught:
        ObsAttribute("board", space).update(value)
    assert "The attribute 'board'" in str(caught.value)


def test_values_are_copied_in_and_out():
    attribute = Attribute("x", BoxType(0, 9, (2,), np.int64))
    mine = np.array([1, 2])
    attribute.update(mine)
    mine[:] = 9
    attribute.copy_data()[:] = 8
    assert attribute.data.tolist() == [1, 2]


def test_update_func_is_called_once_for_each_change_and_only_when_looked_at():
    calls = []
    attribute = Attribute("x", DiscreteType(9), lambda: calls.append(1) or len(calls))
    assert calls == []
    assert (attribute.data, attribute.data, len(calls)) == (1, 1, 1)
    attribute.is_stale = True
    assert attribute.data == 2


def test_without_a_cache_update_func_is_called_at_every_look():
    numbers = iter(range(1, 10))
    attribute = ObsAttribute("n", DiscreteType(10), lambda: next(numbers), cached=False)
    assert [attribute.data, attribute.data, attribute.copy_data()] == [1, 2, 3]
    attribute.update(9)  # until the next look
    assert attribute.data == 4


def test_casting_changes_nothing():
    attribute = ObsAttribute("x", BoxType(0, 1, (2,), np.float32))
    cast = attribute.cast([0, 1])
    assert cast.dtype == np.float32
    assert attribute.data.tolist() == [0, 0]
    with pytest.raises(SpaceError, match="attribute 'x' lies outside"):
        attribute.cast([0, 2])


def test_an_action_taken_is_noted_and_given_back_as_a_copy():
    attribute = ActionAttribute("push", BoxType(-1, 1, (2,), np.float32))
    taken = attribute.take([0.5, 1])
    taken[:] = 0
    assert attribute.data.tolist() == [0.5, 1]
    read_elsewhere = ActionAttribute("push", DiscreteType(3), lambda: 0, cached=False)
    assert read_elsewhere.take(2) == 2
    with pytest.raises(SpaceError, match="action 'push' must be an integer from 0 to 2"):
        read_elsewhere.take(3)


def test_an_error_in_update_func_tells_which_attribute_was_read():
    attribute = Attribute("speed", DiscreteType(2), lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError) as caught:
        attribute.data  # noqa: B018
    assert "the attribute 'speed' was read" in caught.value.__notes__[0]


def test_only_the_four_types_and_proper_names_are_accepted():
    with pytest.raises(ContractError, match=r"Attribute 'x' was given the space Text.*BoxType"):
        Attribute("x", Text(3))
    with pytest.raises(ContractError, match="given the name 3"):
        Attribute(3, DiscreteType(2))


@pytest.mark.parametrize(
    ("space", "distribution", "possible"),
    [
        (DiscreteType(3, start=5), [0, 1, 0], [6]),
        (MultiDiscreteType([2, 3]), [[0, 1], [1, 0, 0]], [[1, 0]]),
        (MultiBinaryType(2), [1, 0], [[1, 0]]),
        (BoxType(0, 9, (1,), np.float32), [2.5, 3.5], [[2.5], [3.5]]),
    ],
)
def test_samples_follow_the_distribution(space, distribution, possible):
    attribute = Attribute("x", space)
    for _ in range(10):
        sample = attribute.sample(distribution)
        assert np.asarray(sample).tolist() in possible
        assert space.contains(sample)


def test_samples_are_repeatable_and_a_distribution_must_fit():
    attribute = Attribute("x", BoxType(0, 1, (3,), np.float32))
    attribute.space.seed(3)
    first = attribute.sample([0.1, 0.2, 0.3, 0.4])
    attribute.space.seed(3)
    assert np.array_equal(first, attribute.sample([0.1, 0.2, 0.3, 0.4]))
    with pytest.raises(SpaceError, match=r"Cannot draw 'x'.*\[0.5\]"):
        Attribute("x", DiscreteType(3)).sample([0.5])
