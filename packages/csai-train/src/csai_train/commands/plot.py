"""`csai plot`: learning curves of one run or of several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from csai_core import storage
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import OutputFile
from csai_train.commands.run_names import runs_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csai_train.runs.directory import RunDirectory


@click.command("plot", cls=TypedCommand)
@runs_argument()
@click.option(
    "--out",
    type=OutputFile(".png", ".svg"),
    default=Path("curves.png"),
    show_default=True,
    help="The picture's file; .png or .svg.",
)
def plot_command(runs: tuple[Path, ...], out: Path) -> None:
    """Draw the learning curves of RUNS into one picture; of the newest run, where none is named.

    Each environment has a panel of its own. Runs that differ by their seed alone become one line, their
    mean, in a band from the lowest of them to the highest. Lines show the goal of the environment and what
    random play brings, where the runs know them.
    """
    from csai_train.runs.curves import draw_comparison, draw_curves
    from csai_train.runs.listing import open_any
    from csai_train.runs.run import Run

    found = [open_any(run) for run in runs]
    opened = [run for run in found if isinstance(run, Run)]
    if opened and len(opened) < len(found):
        raise click.UsageError("Runs of agents and runs on datasets cannot be drawn into one picture.")
    try:
        if not opened:
            _plot_datasets(found, out)
            return
        drawn = draw_curves(opened[0], out) if len(opened) == 1 else draw_comparison(opened, out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error}") from error
    if drawn is None:
        raise click.ClickException(
            f"{opened[0].path} has no finished episode yet, so there is nothing to draw."
        )
    click.echo(f"Drawn to {out}")


def _plot_datasets(runs: Sequence[RunDirectory], out: Path) -> None:
    from csai_train.datasets.learning.curves import draw_histories, draw_history
    from csai_train.datasets.learning.run import DatasetRun

    histories = {run.path.name: run.history() for run in runs if isinstance(run, DatasetRun)}
    only = next(iter(histories.values()))
    figure = draw_history(only) if len(histories) == 1 else draw_histories(histories)
    with storage.replacement(out) as unfinished:
        figure.savefig(unfinished)
    click.echo(f"Drawn to {out}")
