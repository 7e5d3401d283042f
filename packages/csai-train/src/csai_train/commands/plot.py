"""`csai plot`: learning curves of one run or of several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from csai_core import storage
from csai_core.commands import resolver
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT, OutputFile
from csai_core.terminal import printable
from csai_train.commands.run_names import runs_argument

if TYPE_CHECKING:
    from collections.abc import Sequence

    from csai_train.runs.directory import RunDirectory
    from csai_train.runs.run import Run


@click.command("plot", cls=TypedCommand)
@runs_argument()
@click.option(
    "--out",
    type=OutputFile(".png", ".svg"),
    default=Path("curves.png"),
    show_default=True,
    help="The picture's file; .png or .svg.",
)
@click.option(
    "--facets",
    metavar="NAME[,NAME]",
    help="What is drawn: return, score, length, and what was measured, such as entropy or loss.",
)
@click.option(
    "--x",
    "scale",
    type=click.Choice(("steps", "episodes", "time")),
    default="steps",
    show_default=True,
    help="What it is drawn over.",
)
@click.option(
    "--smooth",
    type=COUNT,
    metavar="N",
    help="Episodes in a running mean. [default: 100, or fewer in short trainings]",
)
def plot_command(
    runs: tuple[Path, ...], out: Path, facets: str | None, scale: str, smooth: int | None
) -> None:
    """Draw the learning curves of RUNS into one picture; of the newest run, where none is named.

    Each environment has a panel of its own. Runs that differ by their seed alone become one line, their
    mean, in a band from the lowest of them to the highest. A fork (csai fork) is drawn from where it differs.
    Lines show the goal of the environment and what random play brings, where the runs know them.
    """
    from csai_train.runs.curves import draw_comparison
    from csai_train.runs.listing import open_any
    from csai_train.runs.run import Run
    from csai_train.runs.status import what_is_lost

    found = [open_any(run) for run in runs]
    opened = [run for run in found if isinstance(run, Run)]
    if opened and len(opened) < len(found):
        raise click.UsageError("Runs of agents and runs on datasets cannot be drawn into one picture.")
    try:
        if not opened:
            _require_plain(facets, scale, smooth)
            _plot_datasets(found, out)
            return
        names = _facets(opened, facets)
        draw_comparison(opened, out, facets=names, scale=scale, smooth=smooth)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error}") from error
    click.echo(f"Drawn to {out}")
    for lost in filter(None, map(what_is_lost, found)):
        click.echo(f"Warning: {printable(lost)}", err=True)


def _facets(runs: Sequence[Run], typed: str | None) -> list[str]:
    """The exact names of what is to be drawn; "loss" means every loss that there is."""
    from csai_train.runs.curves import facets_of

    if typed is None:
        return []
    known, names = facets_of(runs), []
    for word in filter(None, map(str.strip, typed.split(","))):
        parts = [name for name in known if word.lower() in name.split("_")]
        exact = word.lower() in known
        names += [word.lower()] if exact else parts or [_measurement(word, known)]
    if not names:
        raise click.UsageError(f"--facets names nothing. There is: {', '.join(known)}.")
    return list(dict.fromkeys(names))


def _measurement(word: str, known: Sequence[str]) -> str:
    return resolver.choose("measurement of these runs", word, dict.fromkeys(known, ()))


def _require_plain(facets: str | None, scale: str, smooth: int | None) -> None:
    """Refuse options that a training on a dataset has no use for."""
    if facets is not None or scale != "steps" or smooth is not None:
        raise click.UsageError(
            "--facets, --x and --smooth are for agents; of a training on a dataset, loss and errors are "
            "drawn over its epochs."
        )


def _plot_datasets(runs: Sequence[RunDirectory], out: Path) -> None:
    from csai_train.datasets.learning.curves import draw_histories, draw_history
    from csai_train.datasets.learning.run import DatasetRun

    histories = {run.path.name: run.history() for run in runs if isinstance(run, DatasetRun)}
    only = next(iter(histories.values()))
    figure = draw_history(only) if len(histories) == 1 else draw_histories(histories)
    with storage.replacement(out) as unfinished:
        figure.savefig(unfinished)
    click.echo(f"Drawn to {out}")
