"""Statistics of few numbers, against sums by hand."""

import itertools
import math

import numpy as np
import pytest

from csai_train.comparison.statistics import (
    chance_of_difference,
    interquartile_mean,
    interval,
    interval_of_improvement,
    probability_of_improvement,
)


def floats(*values):
    return np.array(values, float)


@pytest.mark.parametrize(
    ("values", "mean"),
    [
        ([7], 7),
        ([1, 3], 2),
        ([0, 3, 9], 4),  # a quarter of three, rounded down, is none
        ([100, 2, 4, -50], 3),
        ([5, 1, 2, 3, -100], 2),
        ([9, 8, 1, 2, 3, 4, 5, 6], 4.5),
    ],
)
def test_the_mean_of_the_middle_half(values, mean):
    assert interquartile_mean(floats(*values)) == mean
    assert interquartile_mean(np.array([values, values], float)).tolist() == [mean, mean]


def test_how_often_one_is_above_another():
    assert probability_of_improvement(floats(1, 2, 3), floats(0)) == 1
    assert probability_of_improvement(floats(1, 2), floats(2, 3)) == 0.125  # one equal pair of four
    assert probability_of_improvement(floats(5, 5), floats(5)) == 0.5


def test_how_often_chance_makes_as_great_a_difference():
    assert chance_of_difference(floats(4, 5, 6), floats(1, 2, 3)) == pytest.approx(2 / 20)
    assert chance_of_difference(floats(1, 2, 3), floats(4, 5, 6)) == pytest.approx(2 / 20)
    assert chance_of_difference(floats(*range(5)), floats(*range(5, 10))) == pytest.approx(2 / 252)
    assert chance_of_difference(floats(1, 4), floats(2, 3)) == 1
    assert chance_of_difference(floats(7, 7), floats(7, 7, 7)) == 1


def test_chance_is_drawn_where_there_are_too_many_ways():
    ours, theirs = floats(*range(10)), floats(*np.arange(10) + 0.5)
    assert math.comb(20, 10) > 50_000
    assert chance_of_difference(ours, theirs) == pytest.approx(0.74, abs=0.05)
    assert chance_of_difference(ours, theirs) == chance_of_difference(ours, theirs)


def test_an_interval_is_that_of_all_samples():
    values = floats(1, 2, 4, 8)
    means = [np.mean(each) for each in itertools.product(values, repeat=4)]
    low, high = interval(values, lambda each: each.mean(axis=-1))
    assert (low, high) == pytest.approx(np.quantile(means, [0.025, 0.975]), abs=0.1)


def test_intervals_of_what_is_apart_and_of_what_is_not():
    assert interval_of_improvement(floats(4, 5, 6), floats(1, 2, 3)) == (1, 1)
    low, high = interval_of_improvement(floats(1, 4, 5, 8), floats(2, 3, 6, 7))
    assert low < 0.3 < 0.7 < high


def test_one_value_has_no_interval():
    assert np.isnan(interval(floats(3), interquartile_mean)).all()
    assert np.isnan(interval_of_improvement(floats(3), floats(1, 2))).all()


def test_they_are_those_of_rliable():
    metrics = pytest.importorskip("rliable.metrics")
    random = np.random.default_rng(1)
    for count in (3, 5, 8, 11):
        ours, theirs = random.normal(size=count).round(1), random.normal(size=5).round(1)
        assert interquartile_mean(ours) == pytest.approx(metrics.aggregate_iqm(ours[:, None]), abs=1e-6)
        expected = metrics.probability_of_improvement(ours[:, None], theirs[:, None])
        assert probability_of_improvement(ours, theirs) == pytest.approx(expected, abs=1e-6)
