"""`csai runs`: what has been trained, and what became of it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

from csai_core.terminal import as_markup

if TYPE_CHECKING:
    from csai_train.errors import RunError
    from csai_train.runs.status import RunStatus

_WIDTH_OF_FILES = 160
_MOST_PROBLEMS = 10
_STYLES = {"training": "cyan", "complete": "green", "failed": "red", "killed": "yellow", "stopped": "yellow"}


@click.command("runs")
@click.argument("folder", type=click.Path(path_type=Path), default=Path("runs"))
def runs_command(folder: Path) -> None:
    """List the runs in FOLDER, newest first.

    The score is the game's own where it keeps one, and otherwise the return, averaged over the last 100
    episodes of the training. On a dataset it is the accuracy on the test set.
    """
    from csai_train.runs.listing import find_runs
    from csai_train.runs.status import status_of

    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = _WIDTH_OF_FILES
    problems: list[RunError] = []
    runs = find_runs(folder, problems)
    if not runs and not problems:
        console.print(f"There are no runs in {as_markup(folder)}. Make one with: csai train CSAI/Snake-v0")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "algorithm", "on", "score", "steps", "when", "state"):
        is_number = heading in ("score", "steps")
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for run in runs:
        status = status_of(run)
        style = _STYLES.get(status.state, "dim")
        table.add_row(
            as_markup(run.path.name),
            as_markup(run.method),
            as_markup(run.subject),
            _score(status),
            f"{status.steps:,}",
            time.strftime("%d %b %H:%M", time.localtime(run.created)),
            f"[{style}]{as_markup(status.state)}[/{style}]",
        )
    if runs:
        console.print(table)
    if problems:
        _tell(console, problems)


def _tell(console: Console, problems: Sequence[RunError]) -> None:
    """Say what was passed over, and why."""
    count = "One folder is" if len(problems) == 1 else f"{len(problems)} folders are"
    console.print(f"\n[yellow]{count} no run that can be read, and passed over:[/yellow]")
    for problem in problems[:_MOST_PROBLEMS]:
        console.print(f"  {as_markup(problem)}", soft_wrap=True)


def _score(status: RunStatus) -> str:
    if status.test_accuracy is not None:
        return f"{status.test_accuracy:.2%}"
    value = status.mean_return if status.mean_score is None else status.mean_score
    return "" if value is None else f"{value:.2f}"
