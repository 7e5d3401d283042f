"""Spaces come back from JSON as they were, bounds, dtypes and order of keys included."""

from __future__ import annotations

import json

import numpy as np
import pytest
from gymnasium import spaces
from hypothesis import given
from hypothesis import strategies as st

from csai_core.errors import CodecError, SpaceError
from csai_core.spaces import (
    MOST_CHOICES,
    decode_space,
    encode_space,
    kinds_of,
    require_content,
    require_countable,
    told_apart,
    values_of,
)

SHAPES = st.lists(st.integers(1, 3), max_size=3).map(tuple)


@st.composite
def boxes(draw):
    shape, dtype = draw(SHAPES), draw(st.sampled_from([np.float32, np.float64, np.uint8, np.int64]))
    ends = st.floats(-100, 100, width=32) | st.sampled_from([-np.inf, np.inf])
    if np.dtype(dtype).kind != "f":
        ends = st.integers(0, 255)
    size = int(np.prod(shape))
    pairs = [sorted(draw(st.tuples(ends, ends))) for _ in range(size)]
    low, high = (np.array([pair[i] for pair in pairs], dtype).reshape(shape) for i in (0, 1))
    low[low == np.inf] = 0
    high[high == -np.inf] = 0
    return spaces.Box(low, high, dtype=dtype)


LEAVES = st.one_of(
    boxes(),
    st.builds(lambda n, start: spaces.Discrete(n, start=start), st.integers(1, 9), st.integers(-5, 5)),
    st.lists(st.integers(1, 9), min_size=1, max_size=4).map(spaces.MultiDiscrete),
    st.integers(1, 9).map(spaces.MultiBinary),
    st.lists(st.integers(1, 3), min_size=1, max_size=3).map(spaces.MultiBinary),
    st.builds(lambda least, more: spaces.Text(least + more, min_length=least), *[st.integers(0, 5)] * 2),
)
SPACES = st.recursive(
    LEAVES,
    lambda inner: (
        st.dictionaries(st.text(max_size=3), inner, max_size=3).map(
            lambda parts: spaces.Dict([*parts.items()])
        )
        | st.lists(inner, max_size=3).map(spaces.Tuple)
        | st.lists(inner, min_size=1, max_size=3).map(spaces.OneOf)
        | inner.map(spaces.Sequence)
    ),
    max_leaves=5,
)


def through_json(space):
    return decode_space(json.loads(json.dumps(encode_space(space), allow_nan=False)))


@given(space=SPACES)
def test_spaces_come_back(space):
    again = through_json(space)
    assert again == space
    assert again.dtype == space.dtype
    assert encode_space(again) == encode_space(space)


@pytest.mark.parametrize(
    "space",
    [
        spaces.Box(-np.inf, np.inf, (2, 3)),
        spaces.Box(np.array([0, -np.inf], np.float32), np.array([np.inf, 3], np.float32)),
        spaces.Box(0, 1, (0,)),
        spaces.Box(-1, 1, (), np.float64),
        spaces.Box(np.iinfo(np.int64).min, np.iinfo(np.int64).max, (1,), np.int64),
        spaces.Discrete(3, start=-2, dtype=np.int32),
        spaces.MultiDiscrete([[2, 3]], start=[[1, 2]], dtype=np.int16),
        spaces.Text(5, min_length=0, charset='ä"b'),
        spaces.Sequence(spaces.Discrete(3), stack=True),
        spaces.Graph(spaces.Box(-1, 1, (2,)), spaces.Discrete(3)),
        spaces.Graph(spaces.Discrete(2), None),
    ],
    ids=str,
)
def test_every_kind_comes_back(space):
    again = through_json(space)
    assert again == space
    assert again.dtype == space.dtype


def test_the_order_of_keys_comes_back():
    space = spaces.Dict([("z", spaces.Discrete(2)), ("a", spaces.MultiBinary(3))])
    assert list(through_json(space)) == ["z", "a"]


def test_bounds_that_are_the_same_are_written_once():
    written = encode_space(spaces.Box(0, np.inf, (84, 84, 4)))
    assert written == {"box": {"low": 0.0, "high": "inf", "shape": [84, 84, 4], "dtype": "float32"}}


def test_boxes_with_other_bounds_are_written_differently():
    one, other = (
        spaces.Box(np.array([0.0, low]), np.array([5.0, 6.0]), dtype=np.float64) for low in (1, 0.5)
    )
    assert encode_space(one) != encode_space(other)
    assert encode_space(spaces.Dict({"a": one})) != encode_space(spaces.Dict({"a": other}))


def test_spaces_of_ones_own_are_refused():
    class Odd(spaces.Space):
        pass

    with pytest.raises(CodecError, match="Gymnasium's own can"):
        encode_space(spaces.Tuple([Odd()]))


def box(**other):
    return {"box": {"low": 0.0, "high": 1.0, "shape": [2], "dtype": "float32", **other}}


MALFORMED = {
    "nothing": None,
    "list": [],
    "empty": {},
    "two kinds": {"discrete": {}, "box": {}},
    "no such kind": {"os.system": "touch exploded"},
    "no dtype": {"box": {"low": 0, "high": 1, "shape": [1]}},
    "objects": box(dtype="O"),
    "structured": box(dtype=[["a", "f4"]]),
    "huge": box(shape=[10**9, 10**9]),
    "large": box(shape=[2**14, 2**14]),
    "negative size": box(shape=[-1]),
    "odd size": box(shape=["x"]),
    "too few bounds": box(low=[0.0]),
    "odd bound": box(low="low"),
    "low above high": box(low=2.0),
    "no choices": {"discrete": {"n": 0, "start": 0, "dtype": "int64"}},
    "fractional choices": {"discrete": {"n": 2.5, "start": 0, "dtype": "int64"}},
    "odd choices": {"multi_discrete": {"nvec": [0], "start": [0], "dtype": "int64"}},
    "odd number": {"multi_binary": "many"},
    "odd text": {"text": {"min": 3, "max": 1, "characters": "ab"}},
    "odd part": {"tuple": [{"box": None}]},
    "odd parts": {"dict": [1]},
}


@pytest.mark.parametrize("malformed", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_spaces_are_refused(malformed):
    with pytest.raises(CodecError):
        decode_space(malformed)


def test_what_is_nested_too_deeply_is_refused():
    deep = {"tuple": []}
    for _ in range(100_000):
        deep = {"tuple": [deep]}
    with pytest.raises(CodecError):
        decode_space(deep)


def test_spaces_that_differ_are_told_apart():
    assert told_apart(spaces.Discrete(2), spaces.Discrete(3)) == ("Discrete(2)", "Discrete(3)")
    highs = [np.where(np.arange(2000) == place, 2, 1).astype(np.float32) for place in (900, 1000)]
    boxes = [spaces.Box(0, high) for high in highs]
    assert str(boxes[0]) == str(boxes[1])
    one, two = told_apart(*boxes)
    assert one != two


def test_the_values_of_a_space_of_actions():
    assert values_of(spaces.Discrete(3, start=-1)) == [-1, 0, 1]
    with pytest.raises(SpaceError, match="Offer fewer actions"):
        values_of(spaces.Discrete(2**40))


def test_more_values_than_can_each_have_a_number_are_refused():
    half = MOST_CHOICES // 2
    require_countable(spaces.MultiDiscrete([half, half]), "")
    with pytest.raises(SpaceError, match=r"has 1,048,577 values, .*; 1,048,576 is the most\. Do less\."):
        require_countable(spaces.MultiDiscrete([half, half + 1]), "Do less.")


def test_what_a_space_is_made_of():
    nested = spaces.Dict(
        a=spaces.Tuple((spaces.Box(0, 1), spaces.Discrete(2))), b=spaces.Box(0, 9, (2,), np.uint8)
    )
    assert kinds_of(nested) == {"Dict", "Tuple", "Box", "Discrete", "IntegerBox"}
    assert kinds_of(spaces.Text(3)) == {"Text"}
    assert kinds_of(spaces.Box(0, 9, (2,), np.int64)) == {"IntegerBox"}


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (spaces.Box(0, 1, (0,)), r"^It is Box.* holds nothing"),
        (
            spaces.Tuple((spaces.Discrete(2), spaces.Dict({}))),
            r"^It has Dict\(\) at \[1\], which holds nothing",
        ),
        (spaces.Dict({"a": spaces.Dict({"b": spaces.Box(0, 1, (3, 0))})}), r"at \['a'\]\['b'\], which"),
    ],
)
def test_a_space_in_which_something_holds_nothing_is_refused(space, words):
    with pytest.raises(SpaceError, match=words):
        require_content(space, "It")


@pytest.mark.parametrize(
    "space",
    [
        spaces.Discrete(1),
        spaces.Box(0, 1, ()),
        spaces.Text(3),
        spaces.Dict({"a": spaces.Tuple((spaces.Discrete(2),))}),
    ],
)
def test_a_space_that_holds_anything_passes(space):
    require_content(space, "It")
