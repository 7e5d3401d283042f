"""Minibatches hold every sample once; lists of dicts become dicts of arrays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from csai_core.data import dict_list_to_batch, distance, get_minibatches
from csai_core.errors import ConfigError, EmptyError


@given(st.integers(0, 50), st.integers(1, 60), st.booleans())
def test_every_sample_is_in_exactly_one_minibatch(count, size, shuffle):
    rng = np.random.default_rng(0) if shuffle else None
    data = {"x": np.arange(count), "y": np.arange(count) * 2}
    batches = list(get_minibatches(data, size, rng))
    assert all(len(batch["x"]) == size for batch in batches[:-1])
    assert all(np.array_equal(batch["y"], batch["x"] * 2) for batch in batches)
    seen = [int(x) for batch in batches for x in batch["x"]]
    assert sorted(seen) == list(range(count))
    assert shuffle or seen == sorted(seen)


def test_minibatches_have_the_structure_of_the_data_and_memory_of_their_own():
    array = np.arange(6).reshape(3, 2)
    first, last = get_minibatches((array, [1, 2, 3]), 2)
    assert isinstance(first, tuple)
    assert first[0].tolist() == [[0, 1], [2, 3]]
    assert last[1].tolist() == [3]
    first[0][:] = 9
    assert array.max() == 5
    assert [b.tolist() for b in get_minibatches(np.arange(3), 2)] == [[0, 1], [2]]


def test_shuffling_is_repeatable():
    one, two = (
        [b.tolist() for b in get_minibatches(np.arange(20), 7, np.random.default_rng(4))] for _ in range(2)
    )
    assert one == two
    assert one != [b.tolist() for b in get_minibatches(np.arange(20), 7)]


def test_what_cannot_be_cut_is_refused():
    with pytest.raises(ConfigError, match="minibatch_size is 0"):
        get_minibatches(np.arange(3), 0)
    with pytest.raises(ConfigError, match=r"\[2, 3\] samples"):
        get_minibatches([np.arange(3), np.arange(2)], 1)


def test_a_list_of_dicts_becomes_a_dict_of_arrays():
    batch = dict_list_to_batch(
        [{"board": np.zeros((2, 2)), "turn": 1}, {"board": np.ones((2, 2)), "turn": 5}]
    )
    assert batch["board"].shape == (2, 2, 2)
    assert batch["turn"].tolist() == [1, 5]


def test_dicts_that_do_not_match_are_refused():
    with pytest.raises(EmptyError, match="no observations"):
        dict_list_to_batch([])
    with pytest.raises(ConfigError, match=r"Observation 1 has the keys \['b'\]"):
        dict_list_to_batch([{"a": 1}, {"b": 1}])
    with pytest.raises(ConfigError, match=r"values of 'a' have the shapes"):
        dict_list_to_batch([{"a": [1, 2]}, {"a": [1]}])


def test_distance_by_hand():
    assert distance((0, 0), (3, 4)) == 5.0
