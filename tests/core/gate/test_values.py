"""What is taken for a number, of rewards and of scores, and what is not."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from csai_core.gate import Improper, score_of, scores_of
from csai_core.gate.values import as_reward

NUMBERS = [3, 2.5, True, np.float16(1.5), np.array([4]), np.array(7.0), [5], Fraction(1, 4)]
OTHERS = [None, "3", b"3", {"a": 1}, [1, 2], [[1], 2], object(), 1j, 10**400, float("nan"), np.inf, []]


@pytest.mark.parametrize("value", NUMBERS, ids=repr)
def test_a_number_or_an_array_of_one_is_a_reward_and_a_score(value):
    expected = float(np.ravel(np.asarray(value, np.float64))[0])
    assert as_reward(value) == score_of({"score": value}) == expected


@pytest.mark.parametrize("value", OTHERS, ids=[f"{type(each).__name__}-{i}" for i, each in enumerate(OTHERS)])
def test_anything_else_is_refused_as_a_reward_and_is_no_score(value):
    with pytest.raises(Improper, match="The reward is not a finite number"):
        as_reward(value)
    assert score_of({"score": value}) is None
    assert score_of({}) is None


def test_the_scores_of_several_are_nan_where_there_is_none():
    given = {"score": np.array([1, "high", 2.0, 3], object), "_score": np.array([True, True, False, True])}
    np.testing.assert_array_equal(scores_of(given, 4), [1, np.nan, np.nan, 3])
    np.testing.assert_array_equal(scores_of({"score": np.array([1.5, np.inf])}, 2), [1.5, np.nan])
    np.testing.assert_array_equal(scores_of({"score": [np.arange(2), 4]}, 2), [np.nan, 4])


@pytest.mark.parametrize("info", [{}, {"score": 1}, {"score": [1, 2]}, {"score": np.ones(3), "_score": "no"}])
def test_what_has_not_one_for_each_is_no_score(info):
    assert scores_of(info, 3) is None
