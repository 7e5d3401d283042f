"""A training that a command attempts: how far it has come, and what is said where it ends early."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from csai_core.commands import INTERRUPTED, mistakes
from csai_core.signals import ignored
from csai_core.terminal import as_markup
from csai_train.commands.algorithm_command import NOTHING_WRITTEN
from csai_train.commands.run_arguments import open_run
from csai_train.events import Callback, Session

if TYPE_CHECKING:
    from csai_train.runs.run import Run
    from csai_train.training.loop import Training


class Attempt(Callback):
    """How far the command has come, for whoever must say how to go on."""

    def __init__(self) -> None:
        self.run_dir: Path | None = None
        self.is_training = False
        self.is_live = False
        """Whether somebody wants to watch it."""

    def start(self, training: Session) -> None:
        """The first step is about to be taken."""
        self.is_training = True

    def opened(self) -> Run:
        """The run, once it exists."""
        if self.run_dir is None:
            raise click.ClickException("There is no run yet.")
        return open_run(self.run_dir)

    @property
    def has_run(self) -> bool:
        """Whether there is something to go on with."""
        return self.run_dir is not None and is_run(self.run_dir)


def is_run(folder: Path) -> bool:
    """Whether a run is kept there."""
    return os.path.exists(folder / "config.json")  # whatever the path is, unlike Path.exists


@contextmanager
def saying_how_to_go_on(console: Console) -> Iterator[Attempt]:
    """Whatever ends the command early, say what is saved and how to go on."""
    attempt = Attempt()
    try:
        yield attempt
    except KeyboardInterrupt:
        if attempt.has_run:
            with ignored():
                from csai_train.commands.report import report_interruption

                report_interruption(console, attempt.opened())
        else:
            console.print(NOTHING_WRITTEN)
        sys.exit(INTERRUPTED)
    except Exception:
        if attempt.has_run and attempt.is_training:
            with ignored():
                from csai_train.commands.report import report_failure

                report_failure(console, attempt.opened())
        raise


def conclude(
    console: Console, attempt: Attempt, training: Training, episodes: int, *, is_told: bool = True
) -> None:
    """Report a training that has come to its end; one that was stopped ends the command as Ctrl-C does.

    Args:
        console: where it is told.
        attempt: at the training.
        training: as it stands now.
        episodes: how many games its agent is judged by.
        is_told: whether anything is told of it; not by others than the first of several processes.

    Raises:
        KeyboardInterrupt: if it was stopped.
    """
    if not training.is_complete or training.stop_requested:
        raise KeyboardInterrupt
    attempt.is_training = False
    if not is_told:
        return

    from csai_train.commands.report import report_training

    report_training(console, attempt.opened(), training, episodes)


@contextmanager
def passing_over(console: Console, what: str) -> Iterator[None]:
    """Make a line of whatever goes wrong once all that counts is saved."""
    try:
        yield
    except Exception as error:
        console.print(f"[yellow]{what}:[/yellow] {as_markup(mistakes.describe(error))}", soft_wrap=True)
