"""Observations become the same floats in numpy as in a network."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import trees
from csai_neural.encoding import make_encoder
from csai_neural.errors import ShapeError
from csai_train.backends.numpy_encoders import encoder_in_numpy

CPU = torch.device("cpu")
SPACES = {
    "box": spaces.Box(-1, 1, (5,)),
    "number": spaces.Box(-1, 1, ()),
    "table": spaces.Box(-1, 1, (2, 3), np.float64),
    "bytes": spaces.Box(0, 255, (4,), np.uint8),
    "stack": spaces.Box(0, 255, (2, 3, 4, 4), np.uint8),
    "bits": spaces.MultiBinary((2, 3)),
    "discrete": spaces.Discrete(6),
    "discrete_from_below_zero": spaces.Discrete(6, start=-3),
    "multi_discrete": spaces.MultiDiscrete([2, 5, 3]),
    "multi_discrete_from_elsewhere": spaces.MultiDiscrete([[2, 5], [3, 4]], start=[[7, -1], [0, 2]]),
    "dict": spaces.Dict(cell=spaces.Discrete(4), speed=spaces.Box(-1, 1, (2, 2))),
    "tuple": spaces.Tuple(
        (spaces.Discrete(3), spaces.Dict(bits=spaces.MultiBinary(2), age=spaces.Discrete(2)))
    ),
}


def values(space, count):
    space.seed(0)
    return trees.stack(space, [space.sample() for _ in range(count)])


@pytest.mark.parametrize("count", [1, 7])
@pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)
def test_floats_are_those_of_the_network(space, count):
    encoder, batch = make_encoder(space), values(space, count)
    before = trees.copy(batch)
    found = encoder_in_numpy(encoder)(batch)
    expected = encoder.encode(encoder.read(batch, CPU, "input"), torch.float32).flatten(1)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, expected)
    assert trees.are_equal(batch, before)


@pytest.mark.parametrize("dtype", [np.int64, np.int32, np.uint8])
def test_choices_may_be_of_any_whole_numbers(dtype):
    encode = encoder_in_numpy(make_encoder(spaces.Discrete(3, start=1)))
    np.testing.assert_array_equal(encode(np.array([3, 1], dtype)), [[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (spaces.Discrete(3), [0, 3]),
        (spaces.Discrete(3), [0, -1]),
        (spaces.MultiDiscrete([2, 4]), [[1, 3], [2, 3]]),
        (spaces.Dict(a=spaces.Discrete(2, start=5)), {"a": [4]}),
    ],
)
def test_values_outside_the_space_are_refused_as_the_network_refuses_them(space, value):
    encode, value = encoder_in_numpy(make_encoder(space)), trees.apply(np.array, value)
    with pytest.raises(ShapeError, match="lies outside"):
        encode(value)


@pytest.mark.parametrize(
    "encoder",
    [
        make_encoder(spaces.Box(0, 255, (8, 8, 3), np.uint8)),
        make_encoder(spaces.Discrete(3), as_indices=True),
        make_encoder(spaces.Dict(a=spaces.Discrete(3), b=spaces.Box(0, 255, (8, 8, 3), np.uint8))),
    ],
    ids=["turned", "indices", "turned_part"],
)
def test_leaves_to_torch_what_is_turned_or_embedded(encoder):
    assert encoder_in_numpy(encoder) is None
