"""Where settings are searched for."""

from dataclasses import dataclass

import pytest

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.options import describe
from csai_core.ranges import Choices, Range, ranging
from csai_core.schedules import changing


@pytest.mark.parametrize(
    ("range_", "inside", "outside"),
    [
        (Range(0, 2), [0, 0.5, 2], [-0.1, 2.1, None, "1", True, float("nan")]),
        (Range(1e-3, 1.0, "log"), [1e-3, 0.5], [0.0, 1e-4, 2]),
        (Range(0.9, 0.99, "log_below_1"), [0.9, 0.95], [1.0, 0.8]),
        (Range(4, 64, "powers_of_2"), [4, 16, 64], [5, 2, 128, 16.0]),
        (Choices("one", (1, 2), False), ["one", (1, 2), False], ["two", 0, None, [1, 2]]),
    ],
)
def test_a_range_says_what_it_holds(range_, inside, outside):
    assert [each for each in (*inside, *range_.ends) if not range_.holds(each)] == []
    assert [each for each in outside if range_.holds(each)] == []


def test_a_range_is_widened_by_what_lies_on_its_scale():
    assert Range(1, 4).including(7) == Range(1, 7)
    assert Range(1, 4).including(2) == Range(1, 4)
    assert Range(0.1, 1.0, "log").including(0.01) == Range(0.01, 1.0, "log")
    for kept, given in ((Range(0.1, 1.0, "log"), 0), (Range(4, 8, "powers_of_2"), 12), (Range(1, 4), None)):
        assert kept.including(given) == kept
    assert Choices(1, 2).including(3) == Choices(1, 2, 3)
    assert Choices(1, 2).including(2) == Choices(1, 2)


@pytest.mark.parametrize(
    ("range_", "shown"),
    [
        (Range(0.0, 0.05), "0 to 0.05"),
        (Range(1e-5, 1e-2, "log"), "1e-05 to 0.01, log"),
        (Range(0.9, 0.999, "log_below_1"), "0.9 to 0.999, log below 1"),
        (Range(16, 2048, "powers_of_2"), "16 to 2048, powers of 2"),
        (Choices(False, True), "no or yes"),
        (Choices((64, 64), "one"), "64,64 or one"),
    ],
)
def test_a_range_is_shown_in_few_words(range_, shown):
    assert str(range_) == shown


@pytest.mark.parametrize(
    ("make", "error", "told"),
    [
        (lambda: Range(2, 1), ConfigError, "2 to 1; its numbers must rise"),
        (lambda: Range(0, float("inf")), ConfigError, "its numbers must rise"),
        (lambda: Range("a", 1), ConfigError, "'a' to 1; its numbers must rise"),
        (lambda: Range(0, 1, "log"), ConfigError, "its ends must be above 0"),
        (lambda: Range(0, 1, "log_below_1"), ConfigError, "its ends must be below 1"),
        (lambda: Range(4, 12, "powers_of_2"), ConfigError, "its ends must be powers of two"),
        (lambda: Range(1, 2, "lin"), UnknownNameError, "Did you mean 'linear'"),
        (lambda: Choices(1), ConfigError, "there must be two at least"),
    ],
)
def test_ranges_that_cannot_work_are_refused(make, error, told):
    with pytest.raises(error, match=told):
        make()


@dataclass(frozen=True)
class Settings:
    rate: float = changing(0.1, range=Range(0.01, 1.0, "log"))
    count: int = ranging(4, Range(1, 8))
    rule: str = ranging("one", Choices("one", "two"))
    plain: int = 3


def test_describe_says_where_fields_are_searched_for():
    assert [each.range for each in describe(Settings)] == [
        Range(0.01, 1.0, "log"),
        Range(1, 8),
        Choices("one", "two"),
        None,
    ]
    assert describe(Settings)[0].may_change


@pytest.mark.parametrize(
    ("kind", "default", "range_"), [(str, "a", Range(0, 1)), (int, 1, Range(0.5, 2)), (int, 1, "1 to 2")]
)
def test_a_range_of_numbers_belongs_to_a_number(kind, default, range_):
    made = dataclass(type("Made", (), {"__annotations__": {"it": kind}, "it": ranging(default, range_)}))
    with pytest.raises(ConfigError, match=r"Made\.it is .* and has the range .*; give a csai_core"):
        describe(made)
