"""What is searched, and how a value of it is asked for."""

from dataclasses import dataclass

import pytest

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.ranges import Choices, Range, ranging
from csai_core.schedules import changing
from csai_train.tuning.axes import axes_of


@dataclass(frozen=True)
class Settings:
    rate: float = changing(0.1, range=Range(0.001, 1.0, "log"))
    gamma: float = ranging(0.95, Range(0.9, 0.99, "log_below_1"))
    steps: int = ranging(64, Range(16, 256, "powers_of_2"))
    count: int = ranging(4, Range(1, 8))
    sizes: tuple[int, ...] = ranging((8, 8), Choices((8, 8), (16,)))
    plain: int = 3


DEFAULTS = {"rate": 0.1, "gamma": 0.95, "steps": 64, "count": 4, "sizes": (8, 8), "plain": 3}


class Ends:
    """A trial that is given one end of everything, or what it was given."""

    def __init__(self, end, **given):
        self.end, self.given, self.asked = end, given, {}

    def suggest_float(self, name, low, high, log=False):
        self.asked[name] = low, high, log
        return self.given.get(name, (low, high)[self.end])

    def suggest_int(self, name, low, high, log=False):
        return self.suggest_float(name, low, high, log=log)

    def suggest_categorical(self, name, choices):
        self.asked[name] = tuple(choices)
        return self.given.get(name, choices[self.end])


def test_every_scale_is_asked_for_so_that_its_ends_come_out():
    axes = axes_of(Settings, None, DEFAULTS, ())
    low, high = Ends(0), Ends(1)
    assert {axis.name: axis.suggest(low) for axis in axes} == {
        **{"rate": 0.001, "gamma": 0.99, "steps": 16, "count": 1, "sizes": (8, 8)}
    }
    assert {axis.name: axis.suggest(high) for axis in axes} == {
        **{"rate": 1.0, "gamma": 0.9, "steps": 256, "count": 8, "sizes": (16,)}
    }
    assert low.asked == {
        "rate": (0.001, 1.0, True),
        "1 - gamma": (pytest.approx(0.01), pytest.approx(0.1), True),
        "log2 steps": (4, 8, False),
        "count": (1, 8, False),
        "sizes": ("8,8", "16"),
    }


def test_what_there_is_comes_out_as_it_is_and_all_else_in_three_digits():
    axes = axes_of(Settings, None, {**DEFAULTS, "rate": 0.123456}, ())
    start = {axis.parameter: axis.encode(axis.start) for axis in axes}
    assert {axis.name: axis.suggest(Ends(0, **start)) for axis in axes} == {
        **{name: value for name, value in DEFAULTS.items() if name != "plain"},
        "rate": 0.123456,
    }
    assert axes[0].suggest(Ends(0, rate=0.0123456)) == 0.0123
    assert axes[1].suggest(Ends(0, **{"1 - gamma": 0.0123456})) == 0.9877


def test_a_range_is_widened_to_what_there_is_unless_it_was_given():
    (rate,) = axes_of(Settings, ["rate"], {**DEFAULTS, "rate": 5.0}, ())
    assert (rate.range, rate.start) == (Range(0.001, 5.0, "log"), 5.0)
    (rate,) = axes_of(Settings, {"rate": Range(0.1, 0.2)}, {**DEFAULTS, "rate": 5.0}, ())
    assert (rate.range, rate.start) == (Range(0.1, 0.2), None)
    (rate,) = axes_of(Settings, ["rate"], {**DEFAULTS, "rate": None}, ())
    assert rate.start is None


def test_what_was_given_stays_unless_it_is_asked_for():
    assert [axis.name for axis in axes_of(Settings, None, DEFAULTS, ["rate", "steps"])] == [
        *("gamma", "count", "sizes")
    ]
    assert [axis.name for axis in axes_of(Settings, ["rate"], DEFAULTS, ["rate"])] == ["rate"]
    (plain,) = axes_of(Settings, {"plain": Range(1, 9)}, DEFAULTS, ())
    assert (plain.is_whole, plain.start, str(plain)) == (True, 3, "plain in 1 to 9")


@pytest.mark.parametrize(
    ("search", "error", "told"),
    [
        (["plain"], ConfigError, "plain does not say where it is worth searching for; give a range"),
        (["gama"], UnknownNameError, "Did you mean 'gamma'"),
        ([], ConfigError, r"search=\[\]; it takes names"),
        ("rate", ConfigError, "search='rate'; it takes names"),
        ({"rate": 3}, ConfigError, r"search=\{'rate': 3\}; it takes names"),
        (None, ConfigError, "There is nothing to search"),
    ],
)
def test_what_cannot_be_searched_is_refused(search, error, told):
    with pytest.raises(error, match=told):
        axes_of(Settings, search, DEFAULTS, list(DEFAULTS))
