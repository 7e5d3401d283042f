"""`csai evaluate`: measure how well a trained agent plays."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from csai_core import storage
from csai_train.commands.run_arguments import (
    RUN,
    checkpoint_choice,
    device_option,
    import_option,
    open_run,
    plain_warnings,
    sample_option,
)

if TYPE_CHECKING:
    from csai_train.events import Evaluation


@click.command("evaluate")
@click.argument("run", type=RUN)
@click.option(
    "--episodes", type=click.IntRange(min=1), default=100, show_default=True, help="How many games."
)
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same games; drawn if not given.")
@click.option("--checkpoint", default="newest", show_default=True, help="newest, best or a number of steps.")
@click.option("--csv", "table", type=click.Path(path_type=Path), help="Write a row for each game.")
@click.option("--at-least", type=float, metavar="RETURN", help="Exit with status 1 if the mean is below.")
@sample_option
@device_option
@import_option
def evaluate_command(
    run: Path,
    episodes: int,
    seed: int | None,
    checkpoint: str,
    table: Path | None,
    at_least: float | None,
    sample: bool,
    device: str,
) -> None:
    """Let the agent of RUN, a folder that csai train left, play games."""
    from csai_train.commands.report import comparison_table
    from csai_train.evaluation.evaluate import evaluate

    console = Console(highlight=False)
    opened = open_run(run)
    with plain_warnings(console), console.status(f"Playing {episodes} games …"):
        agent = opened.agent(checkpoint_choice(checkpoint), device)
        evaluation = evaluate(agent, opened.environment, episodes, seed, sample=sample)
    console.print(comparison_table({opened.algorithm_name: evaluation}, episodes))
    if table is not None:
        _write(evaluation, table)
        console.print(f"Every game is in {table}", soft_wrap=True)
    if at_least is not None and evaluation.mean_return < at_least:
        console.print(f"The mean return is below {at_least:g}.")
        sys.exit(1)


def _write(evaluation: Evaluation, path: Path) -> None:
    try:
        with storage.replacement(path) as unfinished, unfinished.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["game", "return", "length", "score"])
            for number, (total, length) in enumerate(
                zip(evaluation.returns.tolist(), evaluation.lengths.tolist(), strict=True)
            ):
                score = "" if evaluation.scores is None else float(evaluation.scores[number])
                writer.writerow([number + 1, total, length, score])
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error}") from error
