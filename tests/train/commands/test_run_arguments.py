"""What the commands that open a run share."""

from __future__ import annotations

import io
import warnings

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from csai_core.errors import CsaiError
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


def test_what_cannot_be_imported_is_named():
    @click.command()
    @import_option
    def command():
        pass

    result = CliRunner().invoke(command, ["--import", "no_such_package"])
    assert isinstance(result.exception, CsaiError)
    assert "--import no_such_package failed: No module named" in str(result.exception)
