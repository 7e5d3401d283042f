"""The columns of a buffer: made for the first rows, and refusing what is not like them."""

import numpy as np
import pytest

from csai_core.errors import ConfigError
from csai_train.buffers.columns import Columns


def rows(count=2, **changes):
    return {"observation": np.arange(count, dtype=np.uint8), "reward": np.ones(count, np.float32), **changes}


@pytest.fixture
def columns():
    made = Columns("Diary", 4)
    made.make(rows())
    made.put(np.array([3, 1]), rows())
    return made


def test_rows_are_where_they_were_put(columns):
    taken = columns.take(np.array([1, 3, 1]))
    assert taken["observation"].tolist() == [1, 0, 1]
    assert taken["observation"].dtype == np.uint8


def test_they_exist_once_they_are_made(columns):
    assert columns
    assert not Columns("Diary", 4)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"observation": np.ones(2)}, "holds observations of shape .. of uint8; one of shape .. of float64"),
        ({"reward": np.ones((2, 1), np.float32)}, r"holds rewards of shape \(\).*one of shape \(1,\)"),
        ({"observation": {"x": np.ones(2, np.uint8)}}, "This Diary holds observations"),
    ],
)
def test_rows_of_another_form_are_refused(columns, wrong, words):
    with pytest.raises(ConfigError, match=words):
        columns.require_like(rows(**wrong))


def test_precision_may_be_lost(columns):
    columns.require_like(rows(reward=np.ones(2)))


def test_what_is_given_late_is_unknown_before(columns):
    columns.put(slice(0, 1), rows(1, num_steps=np.array([3], np.int16)))
    assert columns.take(np.arange(4))["num_steps"].tolist() == [3, 1, 1, 1]
    columns.put(slice(0, 1), rows(1))
    assert columns.take(np.array([0]))["num_steps"].tolist() == [1]


def test_they_hold_what_another_had(columns):
    columns.put(np.arange(4), rows(4))
    other = Columns("Diary", 4)
    other.load(columns.first(3), 3)
    assert other.take(np.arange(3))["observation"].tolist() == [0, 1, 2]
    other.load({}, 0)
    assert not other


def test_memory_is_asked_for_as_much_as_the_rows_need(monkeypatch):
    asked = []
    monkeypatch.setattr("csai_train.buffers.columns.require_memory", lambda *words: asked.append(words))
    Columns("Diary", 7).make({"observation": {"x": np.zeros((2, 5, 3))}, "reward": np.zeros(2, np.float32)})
    assert asked == [("A buffer of 7 such transitions", 7 * (5 * 3 * 8 + 4), "Give it a smaller capacity.")]


def test_what_is_first_given_later_has_its_own_shape_and_dtype(columns):
    late = {
        "next_action_mask": np.zeros((1, 3), np.int8),
        "log_prob": np.zeros(1),
        "num_steps": np.array([2]),
    }
    columns.put(slice(0, 1), rows(1, **late))
    taken = columns.take(np.array([0, 1]))
    assert taken["next_action_mask"].tolist() == [[0, 0, 0], [1, 1, 1]]
    assert (taken["log_prob"].dtype, taken["num_steps"].dtype) == (np.float32, np.int16)
    assert taken["num_steps"].tolist() == [2, 1]


def test_only_precision_may_be_lost(columns):
    columns.require_like(rows(reward=np.ones(2, np.float64)))
    with pytest.raises(ConfigError, match=r"holds observations of shape .. of uint8"):
        columns.require_like(rows(observation=np.ones(2, np.float32)))
