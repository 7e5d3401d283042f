"""Options of commands as people type them."""

from __future__ import annotations

import click
import pytest
from click.testing import CliRunner

from csai_core.commands.typed import TypedCommand


@click.command(cls=TypedCommand)
@click.option("--learning-rate", type=float)
@click.option("--learning-starts", type=int)
@click.option("--anneal/--no-anneal", default=None)
@click.option("--total-steps", type=int)
@click.option("-s", "--seed", type=int)
@click.argument("rest", nargs=-1)
def tune(**given):
    """Tune."""
    click.echo({name: value for name, value in given.items() if value not in (None, ())})


def run(*words):
    return CliRunner().invoke(tune, words)


@pytest.mark.parametrize(
    ("words", "said", "given"),
    [
        (["--lr", "0.1"], "--lr: --learning-rate\n", {"learning_rate": 0.1}),
        (["-lr", "0.1"], "-lr: --learning-rate\n", {"learning_rate": 0.1}),
        (["--lr=0.1"], "--lr: --learning-rate\n", {"learning_rate": 0.1}),
        (["--learning_rate", "0.1"], "", {"learning_rate": 0.1}),
        (["--LEARNING-RATE", "0.1"], "", {"learning_rate": 0.1}),
        (["--total", "5", "--lr", "1"], "--total: --total-steps\n--lr: --learning-rate\n",
         {"total_steps": 5, "learning_rate": 1.0}),
        (["--no_anneal"], "", {"anneal": False}),
        (["-s", "3"], "", {"seed": 3}),
        (["--", "--lr"], "", {"rest": ("--lr",)}),
    ],
)  # fmt: skip
def test_what_is_meant_is_taken(words, said, given):
    result = run(*words)
    assert (result.exit_code, result.stderr) == (0, said.replace("-lr: ", "-lr: "))
    assert eval(result.stdout) == given


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--lnarnig-rate", "1"], "No such option '--lnarnig-rate'. Did you mean '--learning-rate'?"),
        (["--lrr", "1"], "No such option '--lrr'. Did you mean '--learning-rate'?"),
        (["--nonsense"], "No such option '--nonsense'."),
        (["-x"], "No such option '-x'."),
        (["--learn", "1"], "may mean more than one option: --learning-rate, --learning-starts."),
    ],
)
def test_what_is_not_meant_by_one_option_is_refused(words, answer):
    result = run(*words)
    assert result.exit_code != 0
    assert answer in result.output + str(result.exception)
