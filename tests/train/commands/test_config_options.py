"""Options that are made from the fields of a config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import click
import pytest
from click.testing import CliRunner

from csai_train.commands.config_options import options_for


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


def given(*words):
    found = {}
    command = click.Command("x", params=options_for(Settings), callback=lambda **values: found.update(values))
    result = CliRunner().invoke(command, words)
    return found or result.output


def test_every_type_of_field_has_an_option():
    words = ["--count", "4", "--share", "0.5", "--sizes", "8,16", "--no-is-fast", "--kind", "other"]
    assert given(*words) == {"count": 4, "share": 0.5, "sizes": (8, 16), "is_fast": False, "kind": "other"}


def test_what_is_not_given_is_none_so_that_a_preset_can_decide():
    assert set(given().values()) == {None}


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
