"""Chances that are told are compared with what is drawn, in every space of actions."""

from __future__ import annotations

import numpy as np
import pytest
from gymnasium import spaces

from csai_core.algorithm import Spread
from csai_core.testing.algorithm.chances import drawn_otherwise

BOX = spaces.Box(-2.0, 6.0, (1,), np.float32)
RANDOM = np.random.default_rng(3)
CHOICES = RANDOM.choice(2, 400, p=[0.3, 0.7])


def spread(deviation, mean=2.0):
    return Spread(np.full((1, 1), mean, np.float32), np.full((1, 1), deviation, np.float32))


def clipped(deviation, mean=2.0):
    return np.clip(RANDOM.normal(mean, deviation, (400, 1)), BOX.low, BOX.high)


@pytest.mark.parametrize(
    ("space", "chances", "drawn"),
    [
        (spaces.Discrete(2, start=5), np.array([[0.3, 0.7]]), CHOICES + 5),
        (spaces.MultiBinary(1), np.array([[0.7]]), CHOICES[:, None]),
        (spaces.MultiDiscrete([2]), (np.array([[0.3, 0.7]]),), CHOICES[:, None]),
        (spaces.Dict(a=spaces.Discrete(2)), {"a": np.array([[0.3, 0.7]])}, {"a": CHOICES}),
        (BOX, spread(1.6), clipped(1.6)),
        (BOX, spread(9.0), clipped(9.0)),
    ],
)
def test_what_is_drawn_as_told_is_right(space, chances, drawn):
    assert not drawn_otherwise(space, chances, drawn)


@pytest.mark.parametrize(
    ("space", "chances", "drawn", "words"),
    [
        (spaces.Discrete(2), np.array([[0.6, 0.4]]), CHOICES, "shares"),
        (spaces.MultiBinary(1), np.array([[0.3]]), CHOICES[:, None], "shares"),
        (spaces.MultiDiscrete([2]), (np.array([[0.7, 0.3]]),), CHOICES[:, None], "shares"),
        (spaces.Dict(a=spaces.Discrete(2)), {"a": np.array([[0.7, 0.3]])}, {"a": CHOICES}, "shares"),
        (BOX, spread(0.4), clipped(1.6), "deviation"),
        (BOX, spread(1.0), clipped(1.0, mean=4.0), "mean"),
    ],
)
def test_what_is_drawn_otherwise_is_said(space, chances, drawn, words):
    assert words in drawn_otherwise(space, chances, drawn)
