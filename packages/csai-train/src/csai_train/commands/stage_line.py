"""Lines that say which stage of a fork begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

from csai_core.terminal import as_markup
from csai_train.events import Callback, Session

if TYPE_CHECKING:
    from csai_train.runs.fork import Fork
    from csai_train.runs.run import Run


class StageLine(Callback):
    """Says whether a fork is still what it was forked from.

    Args:
        console: where.
        fork: where it differs, and in what.
    """

    def __init__(self, console: Console, fork: Fork) -> None:
        self._console = console
        self._fork = fork

    def start(self, training: Session) -> None:
        """Say it."""
        steps = f"{self._fork.steps:,}"
        if training.steps < self._fork.steps:
            line = f"Until step {steps} it is trained as {self._fork.run} was."
        else:
            line = f"From step {steps} on: {self._fork.difference()}."
        self._console.print(as_markup(line), soft_wrap=True, highlight=False)


def stage_lines(console: Console, run: Run) -> list[StageLine]:
    """Such lines for a run that has not come farther than where it was forked; otherwise none."""
    from csai_train.runs.fork import Fork

    fork = Fork.of(run)
    return [StageLine(console, fork)] if fork is not None and run.steps_taken() <= fork.steps else []
