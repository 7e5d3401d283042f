"""What is taken for an observation, what is told of, and what nobody else can change afterwards."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.errors import EnvironmentWarning
from csai_core.gate import Improper, ObservationGate

BOX = spaces.Box(-1, 1, (2,), np.float32)
NESTED = spaces.Dict({"one": spaces.Tuple([spaces.Discrete(3, start=-1), BOX]), "two": spaces.MultiBinary(2)})


def gate_of(space):
    told = []
    return ObservationGate(space, told.append), told


def test_a_batch_has_the_spaces_form_and_order():
    gate, told = gate_of(NESTED)
    values = [
        {"two": [1, 0], "one": (-1, np.float32([0.5, 0]))},
        {"one": [1, np.zeros(2, np.float32)], "two": [0, 1]},
    ]
    batch = gate.stack(values)
    assert list(batch) == ["one", "two"]
    assert batch["one"][0].tolist() == [-1, 1]
    assert batch["one"][1].dtype == np.float32
    assert batch["two"].tolist() == [[1, 0], [0, 1]]
    assert batch["two"].dtype == np.int8
    assert told == []


def test_another_dtype_of_a_box_is_told_of_once_and_cast():
    gate, told = gate_of(BOX)
    for _ in range(2):
        assert gate.stack([np.zeros(2, np.float32), np.array([0.5, 0.0])]).dtype == np.float32
    (message,) = told
    assert "Environment 1 gives observation as float64, and its space says float32" in message


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (spaces.Box(-1, 1, (1,), np.float64), np.float32([0.5])),
        (spaces.Box(0, 255, (1,), np.int64), np.uint8([255])),
        (spaces.MultiBinary(2), np.array([0, 1])),
        (spaces.Discrete(4), np.int32(3)),
        (spaces.MultiDiscrete([3, 3]), np.int8([2, 0])),
    ],
)
def test_a_dtype_that_holds_less_is_nothing_to_tell(space, value):
    gate, told = gate_of(space)
    assert gate.stack([value]).dtype == space.dtype
    assert told == []


@pytest.mark.parametrize(
    ("space", "value"),
    [
        (spaces.Box(0, 255, (1,), np.uint8), np.array([256])),
        (spaces.Box(0, 255, (1,), np.uint8), np.array([0.5])),
        (spaces.Discrete(4), "3"),
        (spaces.Discrete(4), 4),
        (spaces.Discrete(4, start=1), 0),
        (spaces.MultiDiscrete([3, 2]), np.array([0, 2])),
        (spaces.MultiBinary(2), np.array([2, 0], np.int8)),
        (BOX, np.zeros((2, 1), np.float32)),
        (BOX, None),
        (BOX, [0.0, None]),
    ],
)
def test_what_means_nothing_in_a_space_is_refused(space, value):
    gate, _ = gate_of(space)
    with pytest.raises(Improper, match="observation") as caught:
        gate.stack([space.sample(), value], [3, 8])
    assert caught.value.index == 8


def test_numbers_outside_a_box_are_told_of_once_and_taken():
    gate, told = gate_of(spaces.Dict({"speed": BOX}))
    for number in (0.5, 3.0, 4.0):
        batch = gate.stack([{"speed": np.float32([0, 0])}, {"speed": np.float32([0, number])}])
        assert batch["speed"][1, 1] == number
    (message,) = told
    assert "In environment 1, observation['speed'][1] is 3.0, outside its bounds -1.0 to 1.0" in message
    with pytest.raises(Improper, match="is inf"):
        gate.stack([{"speed": np.float32([0, np.inf])}])


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("high", [1.0, np.inf])
def test_what_is_not_finite_is_refused_whatever_the_bounds(number, high):
    gate, _ = gate_of(spaces.Box(-high, high, (2, 2), np.float32))
    batch = np.zeros((3, 2, 2), np.float32)
    assert gate.own(batch, 3).tolist() == batch.tolist()
    batch[2, 0, 1] = number
    with pytest.raises(Improper, match=rf"observation\[0, 1\] is {number}") as caught:
        gate.own(batch, 3)
    assert caught.value.index == 2


def test_a_batch_of_somebodys_is_copied():
    gate, _ = gate_of(NESTED)
    given = {"one": (np.zeros(2, np.int64), np.zeros((2, 2), np.float32)), "two": np.zeros((2, 2), np.int8)}
    own = gate.own(given, 2)
    given["one"][1][0, 0] = given["two"][1, 1] = 1
    assert own["one"][1].max() == own["two"].max() == 0


@pytest.mark.parametrize(
    "batch", [np.zeros((3, 2), np.float32), np.float32(0), None, np.zeros(2, np.float32)]
)
def test_a_batch_of_another_form_is_refused(batch):
    gate, _ = gate_of(BOX)
    with pytest.raises(Improper, match=r"observation .*\(2,\)|observation .*\(2, 2\)"):
        gate.own(batch, 2)


def test_texts_are_handed_on():
    gate, _ = gate_of(spaces.Dict({"word": spaces.Text(9)}))
    assert gate.single({"word": "left"}) == {"word": "left"}


def test_python_hears_where_nobody_else_does():
    with pytest.warns(EnvironmentWarning, match="float64"):
        ObservationGate(BOX).stack([np.zeros(2)])
    assert ObservationGate(BOX, warn=None).stack([np.zeros(2)]).dtype == np.float32
