"""Levels that curves are compared with."""

from __future__ import annotations

import numpy as np
import pytest

from csai_train.live.reference import Bounds, Reference


def test_bounds_hold_the_curve_and_all_references_with_room_above_and_below():
    goal = Reference("goal", 10.0, "=")
    assert goal.words == "goal 10"
    bounds = Bounds.of(np.array([0.0, 5.0]), [goal])
    assert (bounds.lowest, bounds.highest) == (0.0, 10.0)
    depths = [bounds.depth(value) for value in (10.5, 10.0, 5.0, 0.0, -0.5)]
    assert depths == pytest.approx([0.0, 0.5 / 11, 0.5, 10.5 / 11, 1.0])


@pytest.mark.parametrize("values", [[], [0.0], [7.0, 7.0], [-3.0]])
def test_a_level_curve_has_room_too(values):
    bounds = Bounds.of(np.array(values), [])
    assert bounds.room > 0
    assert 0 < bounds.depth(bounds.highest) <= bounds.depth(bounds.lowest) < 1
