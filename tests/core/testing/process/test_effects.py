"""Effects beside what was asked for are found, and everything is as before where there are none."""

from __future__ import annotations

import random
import warnings

import numpy as np
import pytest

from csai_core.testing import ConformanceError
from csai_core.testing.process.effects import class_left_alone, generators_left_alone, nothing_printed


def test_what_is_printed_is_quoted(capsys):
    with pytest.raises(ConformanceError, match="It printed 'Hello!'"), nothing_printed("It"):
        print("Hello!")
    with nothing_printed("It"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("too fast")
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    ("touch", "name"),
    [
        (random.random, "Python"),
        (lambda: random.seed(1), "Python"),
        (np.random.random, "numpy"),
    ],
)
def test_a_global_generator_that_is_touched_is_named(touch, name):
    with pytest.raises(ConformanceError, match=f"global generator of {name}"), generators_left_alone("It"):
        touch()


def test_a_generator_of_ones_own_is_left_alone():
    with generators_left_alone("It"):
        np.random.default_rng(1).random()
        random.Random(1).random()


def test_what_stands_in_a_class_is_told_from_what_stands_in_an_object():
    class Keeper:
        kept = []  # noqa: RUF012

        def __init__(self):
            self.own = []

    keeper = Keeper()
    with class_left_alone(keeper, "Keeping"):
        keeper.own.append(1)
    told = pytest.raises(ConformanceError, match=r"Keeping changed Keeper\.kept.*self\.kept = ")
    with told, class_left_alone(keeper, "Keeping"):
        keeper.kept.append(1)
