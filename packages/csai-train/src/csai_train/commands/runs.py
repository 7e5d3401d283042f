"""`csai runs`: what has been trained, and what became of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from csai_train.runs.status import RunStatus

_WIDTH_OF_FILES = 160
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
    runs = find_runs(folder)
    if not runs:
        console.print(f"There are no runs in {folder}. Make one with: csai train CSAI/Snake-v0")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("run", "algorithm", "on", "score", "steps", "when", "state"):
        is_number = heading in ("score", "steps")
        table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
    for run in runs:
        status = status_of(run)
        style = _STYLES.get(status.state, "dim")
        table.add_row(
            run.path.name,
            run.method,
            run.subject,
            _score(status),
            f"{status.steps:,}",
            time.strftime("%d %b %H:%M", time.localtime(run.created)),
            f"[{style}]{status.state}[/{style}]",
        )
    console.print(table)


def _score(status: RunStatus) -> str:
    if status.test_accuracy is not None:
        return f"{status.test_accuracy:.2%}"
    value = status.mean_return if status.mean_score is None else status.mean_score
    return "" if value is None else f"{value:.2f}"
