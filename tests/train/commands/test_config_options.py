"""Options that are made from the fields of a config."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import click
import pytest
from click.testing import CliRunner

from csai_core.commands import main
from csai_core.commands.typed import Name
from csai_core.errors import UnknownNameError
from csai_core.options import describe
from csai_core.plugins import installed
from csai_core.schedules import changing
from csai_train.commands.config_options import options_for, value_for
from csai_train.commands.dataset_argument import DatasetOrFile


@dataclass(frozen=True)
class Settings:
    """One field of every type."""

    count: int = 3
    """How many."""
    share: float | None = None
    """How much."""
    sizes: tuple[int, ...] = (64, 64)
    """How large."""
    is_fast: bool = True
    """How fast."""
    kind: Literal["one", "other"] = "one"
    """Which."""
    memory: str | None = field(default=None, metadata={"kind": "buffers"})
    """Where to."""
    rate: float = changing(0.5)
    """How soon."""


def given(*words):
    found = {}
    command = click.Command("x", params=options_for(Settings), callback=lambda **values: found.update(values))
    result = CliRunner().invoke(command, words)
    return found or result.output


def test_every_type_of_field_has_an_option():
    words = ["--count", "4", "--share", "0.5", "--sizes", "8,16", "--no-is-fast", "--kind", "other"]
    wanted = {
        "count": 4,
        "share": 0.5,
        "sizes": (8, 16),
        "is_fast": False,
        "kind": "other",
        "memory": None,
        "rate": None,
    }
    assert given(*words) == wanted


def test_what_is_not_given_is_none_so_that_a_preset_can_decide():
    assert set(given().values()) == {None}


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("prioritized", "prioritized"),
        ("Prioritized", "prioritized"),
        ("prio", "prioritized"),
        ("csai_train:prioritized", "prioritized"),
        ("csai-train:prioritized", "prioritized"),
    ],
)
def test_what_names_an_entry_is_taken_as_every_name_is(typed, name):
    assert given("--memory", typed)["memory"] == name


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--sizes", "8,x"], "'8,x' is not a list of integers such as 64,64"),
        (["--kind", "third"], "'third' is not one of 'one', 'other'"),
        (["--count", "1.5"], "'1.5' is not a whole number"),
    ],
)
def test_wrong_values_are_answered(words, answer):
    assert answer in given(*words)


def test_help_shows_explanations_and_defaults():
    text = given("--help")
    assert "How large. [default: 64,64]" in text
    assert "How fast. [default: True]" in text
    assert "How soon. [default: 0.5; may change]" in " ".join(text.split())


@pytest.mark.parametrize("name", ["rate", "share", "count"])
def test_a_schedule_is_left_to_the_config_which_knows_what_may_change(name):
    assert given(f"--{name}", "linear:1->0")[name] == "linear:1->0"
    options = {option.name: option for option in describe(Settings)}
    assert value_for(options[name], "linear:1-") == "linear:1-"
    assert value_for(options[name], "3") == 3


def test_what_names_nothing_is_refused_with_the_nearest():
    with pytest.raises(UnknownNameError, match="Did you mean 'prioritized'"):
        options_for(Settings)[-2].type.convert("priorized", None, None)


def every_option():
    """Every option and argument of commands, and of algorithms, with its owner."""
    context = click.Context(main)
    for entry in installed().entries("algorithms").values():
        yield from ((entry.name, each) for each in options_for(entry.load_config()))
    for name in main.list_commands(context):
        yield from ((name, each) for each in main.get_command(context, name).params)


NAMING = {"agent", "agent_name", "algorithm", "buffer", "callback", "callbacks", "dataset", "net", "network"}


def test_every_option_that_names_an_entry_goes_through_the_one_resolver():
    found = [(owner, each) for owner, each in every_option() if each.name in NAMING]
    assert {each.name for _, each in found} >= {"agent_name", "algorithm", "buffer", "callbacks", "net"}
    by_it = (Name, DatasetOrFile)
    assert [f"{owner}: {each.name}" for owner, each in found if not isinstance(each.type, by_it)] == []
