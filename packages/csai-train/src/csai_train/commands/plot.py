"""`csai plot`: learning curves of one run or of several."""

from __future__ import annotations

from pathlib import Path

import click

from csai_train.commands.opening_runs import RUN, open_run


@click.command("plot")
@click.argument("runs", type=RUN, nargs=-1, required=True)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("curves.png"),
    show_default=True,
    help="The picture's file; .png or .svg.",
)
def plot_command(runs: tuple[Path, ...], out: Path) -> None:
    """Draw the learning curves of RUNS into one picture.

    Runs that differ by their seed alone become one line, their mean, in a band from the lowest of them to
    the highest.
    """
    from csai_train.runs.curves import draw_comparison, draw_curves

    if out.suffix.lower() not in (".png", ".svg"):
        raise click.UsageError(f"--out was given {str(out)!r}; it must end in .png or .svg.")
    opened = [open_run(run) for run in runs]
    try:
        drawn = draw_curves(opened[0], out) if len(opened) == 1 else draw_comparison(opened, out)
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error}") from error
    if drawn is None:
        raise click.ClickException(
            f"{opened[0].path} has no finished episode yet, so there is nothing to draw."
        )
    click.echo(f"Drawn to {out}")
