"""What the commands that open a run share."""

from __future__ import annotations

import io
import warnings

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from csai_core.commands import main
from csai_core.errors import CsaiError
from csai_train import train
from csai_train.commands.run_arguments import checkpoint_choice, import_option, plain_warnings
from csai_train.errors import TrainingWarning


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


@pytest.mark.parametrize("text", ["", "last", "-3", "0", "1.5", "nan"])
def test_other_checkpoints_are_refused_by_name(text):
    with pytest.raises(click.UsageError, match="--checkpoint was given"):
        checkpoint_choice(text)


def test_what_cannot_be_imported_is_named():
    @click.command()
    @import_option
    def command():
        pass

    result = CliRunner().invoke(command, ["--import", "no_such_package"])
    assert isinstance(result.exception, CsaiError)
    assert "--import no_such_package failed: No module named" in str(result.exception)


@pytest.mark.parametrize(
    "command", [["evaluate", "--episodes", "2"], ["watch", "--text", "--fps", "9999", "--episodes", "1"]]
)
def test_the_policy_can_be_sampled_by_a_seed(tmp_path, monkeypatch, command):
    monkeypatch.chdir(tmp_path)
    config = {"num_envs": 1, "hidden_sizes": (8,)}
    train("a2c", "FrozenLake-v1", total_steps=30, seed=1, config=config, run_dir="runs/a2c")
    train("q_learning", "FrozenLake-v1", total_steps=30, seed=1, run_dir="runs/table")

    def played(run):
        return CliRunner().invoke(main, [*command, f"runs/{run}", "--sample", "--seed", "1"])

    assert played("a2c").exit_code == 0
    assert played("a2c").output == played("a2c").output
    refused = played("table")
    assert refused.exit_code != 0
    assert "has no policy to sample from" in refused.output + str(refused.exception)
