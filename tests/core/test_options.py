"""Configuration dataclasses: their explanations are read from the source, their values are checked."""

from __future__ import annotations

import dataclasses
from typing import Literal

import numpy as np
import pytest

from csai_core import options
from csai_core.errors import ConfigError, UnknownNameError


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
