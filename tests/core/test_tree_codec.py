"""Trees of values come back from JSON and arrays as they were, and nothing else comes back at all."""

from __future__ import annotations

import json
import math
from collections import OrderedDict, deque
from contextlib import suppress
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from csai_core.errors import CodecError
from csai_core.tree_codec import Decoder, Encoder, decode, encode, from_file, to_file

PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary()
DTYPES = st.sampled_from(["bool", "uint8", "int8", "int32", "int64", "float16", "float32", "float64"])
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
KEYS = st.text(max_size=5) | st.integers() | st.tuples(st.integers(), st.text(max_size=3))
TREES = st.recursive(
    PLAIN | ARRAYS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.lists(inner, max_size=4).map(lambda items: deque(items, maxlen=5))
        | st.sets(KEYS, max_size=3)
        | st.frozensets(KEYS, max_size=3)
        | st.dictionaries(KEYS, inner, max_size=4)
        | st.dictionaries(st.sampled_from(["dict", "array", "a/b", "a"]), inner, max_size=4)
    ),
    max_leaves=12,
)


def same(one, other):
    """Equal in value and type, NaN equal to NaN, and arrays equal in dtype, shape and bits."""
    if type(one) is not type(other):
        return False
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if isinstance(one, deque) and one.maxlen != other.maxlen:
        return False
    if isinstance(one, (list, tuple, deque)):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return np.float64(one).tobytes() == np.float64(other).tobytes() or one != one
    return one == other


@given(tree=TREES)
def test_what_is_decoded_is_what_was_encoded(tree):
    encoded, arrays = encode(tree)
    text = json.dumps(encoded, allow_nan=False)
    assert same(decode(json.loads(text), arrays), tree)


def test_what_is_plain_stays_legible():
    tree = {"name": "walker", "sizes": [64, 64], "kernel": (3, 3), "bound": -math.inf, (0, 1): 0.5}
    by_name = {key: value for key, value in tree.items() if key != (0, 1)}
    assert encode(by_name)[0] == {
        "dict": {
            "name": "walker",
            "sizes": [64, 64],
            "kernel": {"tuple": [3, 3]},
            "bound": {"float": "-inf"},
        }
    }
    assert encode({(0, 1): 0.5})[0] == {"dict": [[{"tuple": [0, 1]}, 0.5]]}


def test_arrays_are_named_by_their_place():
    tree = {"a": {"b": np.zeros(1)}, "a/b": np.ones(1), "c": [np.zeros(2), {3: np.zeros(3)}]}
    encoded, arrays = encode(tree)
    assert list(arrays) == ["a/b", "a/b#1", "c/0", "c/1/3"]
    assert same(decode(encoded, arrays), tree)


def test_numpy_scalars_come_back_as_numbers():
    numbers = decode(*encode([np.float32(0.1), np.int8(-1), np.bool_(True), np.float64("nan")]))
    assert numbers[:3] == [float(np.float32(0.1)), -1, True]
    assert [type(number) for number in numbers] == [float, int, bool, float]


def test_arrays_of_any_layout_come_back_in_the_layout_of_this_machine():
    swapped = np.arange(6, dtype=np.dtype(np.int32).newbyteorder("S")).reshape(2, 3)
    for array in (swapped, np.asfortranarray(np.arange(6.0).reshape(2, 3)), np.arange(6)[::2]):
        _, arrays = encode(array)
        (kept,) = arrays.values()
        assert kept.dtype.isnative
        assert kept.flags["C_CONTIGUOUS"]
        assert np.array_equal(kept, array)


def test_subclasses_become_what_they_derive_from():
    assert decode(*encode(OrderedDict(a=1))) == {"a": 1}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (object(), "object"),
        (np.array([object()]), "array of object"),
        (np.zeros(1, complex), "array of complex128"),
        (1j, "complex"),
        (len, "builtin_function_or_method"),
        (bytearray(1), "bytearray"),
    ],
)
def test_what_cannot_be_saved_is_named_by_its_place(value, kind):
    with pytest.raises(CodecError, match=f"^learner/odd/1 is of the type {kind}, which cannot be saved here"):
        encode({"learner": {"odd": [0, value]}})


class Network:
    def state_dict(self):
        return {}


@pytest.mark.parametrize(
    ("value", "advice"),
    [
        (np.random.default_rng(0), r"Give its state: \.bit_generator\.state\."),
        (Random(0), r"Give its state: \.getstate\(\)\."),
        (Network(), r"Give its state: \.state_dict\(\)\."),
    ],
)
def test_what_holds_a_state_is_told_how_to_give_it(value, advice):
    with pytest.raises(CodecError, match=advice):
        encode({"it": value})


def test_what_would_not_come_back_from_a_file_is_refused():
    deep = []
    for _ in range(100):
        deep = [deep]
    with pytest.raises(CodecError, match=r"nested more than 64 levels deep. Keep it flatter"):
        to_file(deep)


@given(tree=TREES)
def test_a_file_gives_back_what_was_put_in(tree):
    assert same(from_file(*to_file(tree)), tree)


def test_arrays_are_refused_where_only_json_is_kept():
    with pytest.raises(CodecError, match="sizes is of the type array of int64"):
        Encoder(with_arrays=False).encode({"sizes": np.arange(2)})


def test_a_tree_that_holds_itself_is_refused():
    tree = []
    tree.append(tree)
    with pytest.raises(CodecError, match="holds itself or is nested too deeply"):
        encode(tree)


MALFORMED = {
    "no such array": {"array": "nowhere"},
    "odd name of an array": {"array": ["a"]},
    "no such kind": {"os.system": ["touch exploded"]},
    "two kinds": {"tuple": [], "list": []},
    "no kind": {},
    "odd pairs": {"dict": [1, 2, 3]},
    "odd dict": {"dict": 3},
    "text for a list": {"tuple": "abc"},
    "object for a list": {"set": {"tuple": []}},
    "unhashable key": {"dict": [[[], 1]]},
    "unhashable item": {"set": [[]]},
    "odd float": {"float": "one"},
    "odd bytes": {"bytes": "xy"},
    "no such tensor": {"tensor": "nowhere"},
    "odd tensor": {"tensor": ["nowhere", "float32"]},
    "odd maxlen": {"deque": ["x", []]},
    "odd deque": {"deque": 3},
}


@pytest.mark.parametrize("malformed", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_trees_are_refused(malformed):
    for json_value in (malformed, [malformed], {"dict": {"inner": malformed}}):
        with pytest.raises(CodecError, match="not what csai writes"):
            decode(json_value)


def test_what_is_nested_too_deeply_is_refused():
    deep = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(CodecError, match="not what csai writes"):
        decode(deep)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["dict", "set", "deque", "array", "float", "x"]), inner, max_size=2)
    ),
)


@given(json_value=JSON)
def test_any_json_is_decoded_or_refused(json_value):
    with suppress(CodecError):
        decode(json_value, {"a": np.zeros(1)})


class Celsius:
    def __init__(self, degrees):
        self.degrees = degrees


class ThermalEncoder(Encoder):
    def encode_special(self, value, path):
        return {"celsius": self.encode(value.degrees, path)} if isinstance(value, Celsius) else None


class ThermalDecoder(Decoder):
    def special_kinds(self):
        return {"celsius": lambda content: Celsius(self.decode(content))}


def test_kinds_of_ones_own_can_be_added():
    encoder = ThermalEncoder()
    encoded = encoder.encode({"room": [Celsius((20, np.arange(2)))]})
    (room,) = ThermalDecoder(encoder.arrays).decode(encoded)["room"]
    assert same(room.degrees, (20, np.arange(2)))
    with pytest.raises(CodecError):
        decode(encoded, encoder.arrays)
