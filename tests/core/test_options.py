"""Configuration dataclasses: their explanations are read from the source, their values are checked."""

from __future__ import annotations

import dataclasses
import json
from typing import Literal

import numpy as np
import pytest

from csai_core import options
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.schedules import Schedule, changing


@dataclasses.dataclass(frozen=True, kw_only=True)
class Basics:
    gamma: float = 0.99
    """Discount. Nearer 1 looks further ahead."""
    steps: int = 8


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config(Basics):
    """Settings; this docstring explains no field."""

    layers: tuple[int, ...] = (64, 64)
    """Width of each
    hidden layer."""
    mode: Literal["fast", "slow"] = "fast"
    clip: float | None = None
    tags: list[str] = dataclasses.field(default_factory=list)

    def __post_init__(self) -> None:
        options.check_types(self)
        options.require(0 <= self.gamma <= 1, self, "gamma", "from 0 to 1")


def test_describe_gives_names_defaults_and_explanations_inherited_ones_too():
    described = {option.name: option for option in options.describe(Config)}
    assert list(described) == ["gamma", "steps", "layers", "mode", "clip", "tags"]
    assert described["gamma"].explanation == "Discount. Nearer 1 looks further ahead."
    assert described["layers"].explanation == "Width of each\nhidden layer."
    assert described["steps"].explanation == ""
    assert described["gamma"].default == 0.99
    assert described["tags"].default == []
    assert described["clip"].type == float | None


def test_build_takes_given_values_and_keeps_the_other_defaults():
    built = options.build(Config, {"gamma": 1, "layers": [32], "mode": "slow", "clip": 2})
    assert built == Config(gamma=1.0, layers=(32,), mode="slow", clip=2.0)
    assert isinstance(built.gamma, float)
    assert isinstance(built.layers, tuple)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"gamma": "high"}, "Config.gamma was given 'high'; it must be a finite number."),
        ({"steps": 1.5}, "Config.steps was given 1.5; it must be an integer."),
        ({"steps": True}, "Config.steps was given True"),
        ({"mode": "medium"}, "it must be 'fast' or 'slow'"),
        ({"clip": "no"}, "it must be a finite number or None."),
        (
            {"layers": ["wide"]},
            "Config.layers was given ['wide']; it must be several integers, such as (64, 64).",
        ),
        ({"gamma": 1.5}, "Config.gamma is 1.5; it must be from 0 to 1"),
    ],
)
def test_values_that_cannot_work_are_named(values, message):
    with pytest.raises(ConfigError) as caught:
        options.build(Config, values)
    assert message in str(caught.value)


NONSENSE = [None, 1.5, "x", float("nan"), float("inf"), True, 10**400, [], b"", np.array(3), ["wide"]]
WORKS_TOO = {
    **{"gamma": [], "steps": [repr(10**400)], "layers": ["[]"], "clip": ["None", "1.5"], "mode": []},
    "tags": ["[]", "['wide']"],
}
"""What of that is right for a field."""
WORKING = {
    "gamma": [np.float32(0.5), np.int64(1), 1],
    "steps": [np.int64(3), np.uint8(3)],
    "layers": [[3], (np.int64(3),), []],
    "clip": [None, 2, 1.5],
    "mode": ["slow"],
    "tags": [[]],
}


@pytest.mark.parametrize("name", sorted(WORKING))
def test_a_field_takes_values_of_its_type_alone_however_the_config_is_made(name):
    """By keyword, from a dict, and for a class that does not check itself, too."""
    for value in WORKING[name]:
        for made in (Config(**{name: value}), options.build(Config, {name: value})):
            held = getattr(made, name)
            assert list(held) == list(value) if name == "layers" else held == value
            assert not isinstance(held, (np.generic, *([list] if name == "layers" else [])))
    for value in NONSENSE:
        if repr(value) not in WORKS_TOO[name]:
            for make in (lambda v: Config(**{name: v}), lambda v: options.build(Config, {name: v})):
                with pytest.raises(ConfigError, match=rf"Config\.{name} (was given|is) .*; it must be"):
                    make(value)


def test_a_config_may_be_one_already_a_dict_of_fields_or_none():
    made = Config(steps=3)
    assert options.configure(Config, made) is made
    assert options.configure(Config, {"steps": 3}) == made
    assert options.configure(Config, None) == Config()
    with pytest.raises(ConfigError, match="The config is 3; it must be a Config, or a dict"):
        options.configure(Config, 3)


def test_unknown_options_get_the_nearest_name():
    with pytest.raises(UnknownNameError, match=r"No option of Config named 'gama'. Did you mean 'gamma'"):
        options.build(Config, {"gama": 0.9})


def test_a_field_without_default_is_refused():
    made = dataclasses.make_dataclass("Made", [("size", int)])
    with pytest.raises(ConfigError, match=r"Made\.size has no default"):
        options.describe(made)


def test_a_config_without_source_has_no_explanations():
    made = dataclasses.make_dataclass("Made", [("size", int, 3)])
    assert [option.explanation for option in options.describe(made)] == [""]


def test_a_class_that_is_no_dataclass_is_refused():
    with pytest.raises(ConfigError, match="must be a dataclass"):
        options.describe(dict)


FALL = Schedule("linear", 0.5, 0.0)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Changing(Config):
    rate: float = changing(0.1)
    """How far."""
    limit: float | None = changing(None)

    def __post_init__(self) -> None:
        super().__post_init__()
        options.require(self.steps > 0, self, "steps", "above 0")
        options.require(0 < self.rate <= 1, self, "rate", "above 0 and at most 1")
        options.require(self.limit is None or self.limit >= 0, self, "limit", "at least 0, or None")


MAKERS = pytest.mark.parametrize("make", [lambda v: Changing(**v), lambda v: options.build(Changing, v)])


@MAKERS
@pytest.mark.parametrize("given", [FALL, "linear:5e-1->0"])
def test_a_field_that_may_change_takes_a_schedule(make, given):
    config = make({"rate": given, "limit": "cosine:1->2"})
    assert (config.rate, config.limit) == (FALL, Schedule("cosine", 1, 2))
    assert config == make({"rate": FALL, "limit": "cosine:1.0->2.0"})
    assert config != make({"rate": "linear:0.5->0.1", "limit": "cosine:1->2"})
    assert dataclasses.replace(config, steps=3).rate == FALL


def test_a_schedule_is_kept_as_text_which_gives_it_back():
    config = Changing(rate=FALL, limit=2)
    plain = options.as_plain(config)
    assert plain == {**dataclasses.asdict(config), "rate": "linear:0.5->0.0"}
    assert json.loads(json.dumps(plain))["rate"] == "linear:0.5->0.0"
    assert options.build(Changing, json.loads(json.dumps(plain))) == config


def test_describe_says_what_may_change():
    may_change = [each.name for each in options.describe(Changing) if each.may_change]
    assert may_change == ["rate", "limit"]
    assert options.describe(Changing)[-2].explanation == "How far."


def test_only_a_float_can_be_said_to_change():
    made = dataclasses.make_dataclass("Made", [("size", int, changing(3))])
    with pytest.raises(
        ConfigError, match=r"Made\.size is said to change, but is an integer; only a float or"
    ):
        options.describe(made)


@MAKERS
@pytest.mark.parametrize(
    ("values", "message"),
    [
        (
            {"rate": "high"},
            "Changing.rate was given 'high'; it must be a finite number, or a schedule such as "
            "'linear:3e-4->0' or 'cosine:3e-4->1e-5'.",
        ),
        ({"limit": "high"}, "it must be a finite number or None, or a schedule such as"),
        ({"rate": "linear:1-"}, "'linear:1-' is no schedule, "),
        ({"rate": "liner:1->0"}, "No shape of a schedule named 'liner'. Did you mean 'linear'"),
        ({"rate": "linear:1->inf"}, "both must be finite numbers"),
        (
            {"steps": "linear:8->1"},
            "steps was given 'linear:8->1'; it must be an integer. It cannot change over a training; what "
            "may is rate, limit.",
        ),
        (
            {"gamma": "linear:0.9->1"},
            "it must be a finite number. It cannot change over a training; what may",
        ),
        (
            {"gamma": FALL},
            "Changing.gamma was given Schedule('linear', 0.5, 0.0); it must be a finite number.",
        ),
        ({"mode": FALL}, "it must be 'fast' or 'slow'. It cannot change over a training"),
        (
            {"rate": "linear:2->1"},
            "Changing.rate is Schedule('linear', 2.0, 1.0); it must be above 0 and at most",
        ),
        (
            {"rate": "linear:1->2"},
            "Changing.rate is 2.0; it must be above 0 and at most 1. That is where linear:1.0->2.0 ends.",
        ),
        (
            {"rate": FALL, "limit": "linear:1->-1"},
            "Changing.limit is -1.0; it must be at least 0, or None. That is where linear:1.0->-1.0 ends.",
        ),
        ({"rate": FALL, "steps": 0}, "Changing.steps is 0; it must be above 0."),
    ],
)
def test_schedules_that_cannot_work_are_named(make, values, message):
    with pytest.raises(ConfigError) as caught:
        make(values)
    assert message in str(caught.value)


def test_where_nothing_may_change_that_is_said():
    with pytest.raises(ConfigError, match=r"over a training; nothing of Config may\.$"):
        Config(gamma="linear:0.9->1")


def test_a_class_that_does_not_check_itself_is_made_with_schedules_too():
    made = dataclasses.make_dataclass("Made", [("rate", float, changing(1.0))])
    assert options.build(made, {"rate": "linear:0.5->0"}).rate == FALL
