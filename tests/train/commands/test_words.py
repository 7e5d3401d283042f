"""What `csai train` makes of the words it is given, without training."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import Literal

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from csai_core.errors import CsaiError
from csai_train.commands.config_options import options_for
from csai_train.commands.opening_runs import checkpoint_choice, import_option, plain_warnings
from csai_train.commands.train import _named_algorithm, _view, train_command
from csai_train.errors import TrainingWarning


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
        (["--sizes", "8,x"], "'8,x' is not a list of whole numbers such as 64,64"),
        (["--kind", "third"], "'third' is not one of 'one', 'other'"),
        (["--count", "1.5"], "'1.5' is not a valid integer"),
    ],
)
def test_wrong_values_are_answered(words, answer):
    assert answer in given(*words)


def test_help_shows_explanations_and_defaults():
    text = given("--help")
    assert "How large. [default: 64,64]" in text
    assert "How fast. [default: True]" in text


@pytest.mark.parametrize(
    ("words", "algorithm"),
    [
        (["--algorithm", "ppo"], "ppo"),
        (["X-v0", "--algorithm=ppo", "--seed", "1"], "ppo"),
        (["FrozenLake-v1"], "q_learning"),
        (["--seed", "3", "FrozenLake-v1"], "q_learning"),
        (["Unheard-v0"], None),
        (["FrozenLake-v1", "--algorithm", "ppo"], "ppo"),
        (["CSAI/Snake-v0", "--preset", "q_learning"], "q_learning"),
        (["--preset=long", "CSAI/Snake-v0"], "ppo"),
        (["CSAI/Snake-v0", "--preset"], "ppo"),
        ([], None),
    ],
)
def test_the_algorithm_is_named_or_the_presets(words, algorithm):
    assert _named_algorithm(words) == algorithm


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["CartPole-v1", "--buffer", "basic"], "--buffer is an option of deep_q_learning, but ppo has none."),
        (
            ["X-v0", "--buffer", "basic"],
            "--buffer is an option of deep_q_learning, but no algorithm was named.",
        ),
        (["CartPole-v1", "--clip-rang", "1"], "No such option --clip-rang"),
    ],
)
def test_an_option_of_another_algorithm_is_told_from_one_that_is_none(words, answer):
    result = CliRunner().invoke(train_command, words)
    assert result.exit_code == 2
    assert answer in " ".join(result.output.split()).replace("'", "")


def test_the_buffer_is_an_option_of_the_algorithm_that_draws_from_one():
    result = CliRunner().invoke(train_command, ["--algorithm", "deep_q_learning", "--help"])
    assert "--buffer TEXT" in result.output
    assert "csai list buffers" in " ".join(result.output.split())


def test_options_of_environments_are_json_where_they_can_be():
    given = ["--env", "width=8", "--env", "name=8x8", "--env", 'desc=["SF"]', "--env", "is_slippery=false"]
    options = train_command.make_context("train", given, resilient_parsing=False).params["env_options"]
    assert options == {"width": 8, "name": "8x8", "desc": ["SF"], "is_slippery": False}


def test_attributes_are_one_name_or_several():
    assert _view("senses") == {"attributes": "senses"}
    assert _view("a,b") == {"attributes": ("a", "b")}
    assert _view(None) == {}


@pytest.mark.parametrize(("text", "choice"), [("newest", "newest"), ("best", "best"), ("12,000", 12000)])
def test_checkpoints_are_chosen_by_name_or_number(text, choice):
    assert checkpoint_choice(text) == choice


def test_warnings_of_a_training_are_one_plain_line_and_others_are_left_alone():
    file = io.StringIO()

    def warn():
        with plain_warnings(Console(file=file, width=20)):
            for _ in range(2):
                warnings.warn("the [disk] is full again", TrainingWarning)
            warnings.warn("another", UserWarning)

    with pytest.warns(UserWarning, match="another") as others:
        warn()
    assert file.getvalue() == "Warning: the [disk] is full again\n" * 2
    assert len(others) == 1


def test_what_cannot_be_imported_is_named():
    @click.command()
    @import_option
    def command():
        pass

    result = CliRunner().invoke(command, ["--import", "no_such_package"])
    assert isinstance(result.exception, CsaiError)
    assert "--import no_such_package failed: No module named" in str(result.exception)
