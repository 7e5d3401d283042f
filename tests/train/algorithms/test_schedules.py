"""Schedules at their corners."""

import pytest

from csai_train.algorithms.schedules import linear


@pytest.mark.parametrize(("step", "value"), [(0, 1.0), (50, 0.6), (100, 0.2), (1_000, 0.2)])
def test_linear_by_hand(step, value):
    assert linear(1.0, 0.2, step, 100) == pytest.approx(value)


def test_over_no_steps_at_all_the_end_holds_at_once():
    assert linear(1.0, 0.2, 0, 0) == pytest.approx(0.2)
