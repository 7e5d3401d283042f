"""Schedules: what they say at each moment, how they are written, and the settings that hold them."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle

import numpy as np
import pytest

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.schedules import Schedule, ScheduledConfig, changing, is_schedule, schedules_of

FALL = Schedule("linear", 3e-4, 0.0)


@pytest.mark.parametrize(
    ("shape", "progress", "value"),
    [
        *((shape, 0, 8.0) for shape in ("linear", "cosine")),
        *((shape, 0.5, 5.0) for shape in ("linear", "cosine")),
        *((shape, 1, 2.0) for shape in ("linear", "cosine")),
        ("linear", 0.25, 6.5),
        ("cosine", 0.25, 2 + 3 * (1 + math.sqrt(0.5))),
        ("cosine", 2 / 3, 3.5),
    ],
)
def test_values_by_hand(shape, progress, value):
    assert Schedule(shape, 8, 2).at(progress) == pytest.approx(value, rel=1e-12)
    assert Schedule(shape, 2, 8).at(progress) == pytest.approx(10 - value, rel=1e-12)


@pytest.mark.parametrize("shape", ["linear", "cosine"])
def test_the_ends_are_exact_and_hold_beyond_them(shape):
    schedule = Schedule(shape, 3e-4, 1e-5)
    assert [schedule.at(progress) for progress in (-1, 0, 1, 7)] == [3e-4, 3e-4, 1e-5, 1e-5]
    assert [Schedule(shape, 0.1, 0.1).at(k / 7) for k in range(8)] == [0.1] * 8
    assert type(schedule.at(0)) is float


def test_it_counts_as_the_number_that_it_starts_with():
    assert FALL.start == float(FALL) == 3e-4
    assert FALL > 0
    assert FALL + 1 == 1.0003
    assert type(FALL.start) is float


@pytest.mark.parametrize(
    "text",
    ["linear:3e-4->0", "linear:0.0003->0.0", " linear : 3e-4 -> 0 ", "linear:+3e-4->-0"],
)
def test_texts_that_say_the_same(text):
    assert Schedule.parse(text) == FALL
    assert is_schedule(text)


@pytest.mark.parametrize(
    "schedule", [FALL, Schedule("cosine", -1 / 3, np.float32(0.1)), Schedule("linear", 1, 2)]
)
def test_it_stays_the_same_as_text_as_a_copy_and_in_a_pickle(schedule):
    copies = [Schedule.parse(str(schedule)), copy.copy(schedule), copy.deepcopy(schedule)]
    copies += [pickle.loads(pickle.dumps(schedule, protocol)) for protocol in range(6)]
    for each in copies:
        assert each == schedule
        assert hash(each) == hash(schedule)
        assert (each.shape, each.start, each.end) == (schedule.shape, schedule.start, schedule.end)
    assert eval(repr(schedule)) == schedule
    assert f"{schedule}" == str(schedule)


@pytest.mark.parametrize(
    "other", [Schedule("linear", 3e-4, 1e-5), Schedule("linear", 1e-4, 0), Schedule("cosine", 3e-4, 0), 3e-4]
)
def test_others_are_not_equal(other):
    assert other != FALL
    assert FALL.__ne__(other)
    assert not FALL.__eq__(other)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "linear",
        "linear:3e-4",
        "linear:3e-4->",
        "3e-4->0",
        "linear:a->b",
        "linear:1->0->2",
        "linear:1-->0",
    ],
)
def test_texts_that_say_no_schedule(text):
    with pytest.raises(
        ConfigError, match=r"is no schedule, as 'linear:3e-4->0' or 'cosine:3e-4->1e-5' are\.$"
    ):
        Schedule.parse(text)


def test_what_a_shell_has_cut_off_is_told():
    with pytest.raises(
        ConfigError, match=r"'linear:3e-4-' is no schedule, .*In a shell it needs these quotes"
    ):
        Schedule.parse("linear:3e-4-")


def test_other_shapes_and_ends_are_refused():
    with pytest.raises(
        UnknownNameError, match=r"No shape of a schedule named 'liner'\. Did you mean 'linear'"
    ):
        Schedule.parse("liner:1->0")
    with pytest.raises(UnknownNameError):
        Schedule(["linear"], 1, 0)
    for ends in [(math.nan, 1), (1, math.inf), ("1", 0), (1, None), (10**400, 0)]:
        with pytest.raises(ConfigError, match=r"was given the ends .*; both must be finite numbers"):
            Schedule("linear", *ends)
    with pytest.raises(ConfigError, match="both must be finite"):
        Schedule.parse("linear:nan->0")


@pytest.mark.parametrize(
    "value", ["high", 3e-4, None, "SGD(momentum=0.9)", "csai_train:prioritized", "", "-1"]
)
def test_what_is_not_meant_for_a_schedule(value):
    assert not is_schedule(value)


@pytest.mark.parametrize("value", [FALL, "linear:3e-4-", "expo:1->0", "linear:nan->1"])
def test_what_is_meant_for_a_schedule_even_where_it_is_wrong(value):
    assert is_schedule(value)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config:
    learning_rate: float = changing(1e-3)
    gamma: float = changing(0.99, unit="none")
    checked: int = 0

    def __post_init__(self):
        object.__setattr__(self, "checked", self.checked + 1)


def test_settings_at_a_moment():
    settings = ScheduledConfig(Config(learning_rate=Schedule("linear", 8, 2), checked=1), 200)
    assert [settings.at(steps).learning_rate for steps in (0, 50, 200, 900)] == [8, 6.5, 2, 2]
    now = settings.at(50)
    assert (type(now), type(now.learning_rate), now.gamma) == (Config, float, 0.99)
    assert now.checked == 2  # made without being checked again


def test_settings_that_do_not_change_are_the_given_ones():
    config = Config()
    assert ScheduledConfig(config, 200).at(50) is config
    assert schedules_of(config) == {}


def test_settings_keep_their_schedules():
    config = Config(gamma=FALL)
    ScheduledConfig(config, 200).at(200)
    assert schedules_of(config) == {"gamma": FALL}


def test_over_no_steps_at_all_the_end_holds_at_once():
    assert ScheduledConfig(Config(gamma=FALL), 0).at(0).gamma == 0


def test_settings_with_slots_change_too():
    made = dataclasses.make_dataclass("Slotted", [("rate", float, changing(1.0))], frozen=True, slots=True)
    assert ScheduledConfig(made(rate=Schedule("linear", 4, 0)), 4).at(1).rate == 3


def test_a_field_that_may_change_says_so_beside_what_else_is_said_of_it():
    learning_rate, gamma, checked = dataclasses.fields(Config)
    assert (learning_rate.metadata, gamma.metadata) == (
        {"changing": True},
        {"changing": True, "unit": "none"},
    )
    assert not checked.metadata
