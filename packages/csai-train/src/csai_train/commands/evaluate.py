"""`csai evaluate`: measure how well a trained agent plays."""

from __future__ import annotations

from pathlib import Path

import click
from rich.console import Console


@click.command("evaluate")
@click.argument("run", type=click.Path(path_type=Path))
@click.option(
    "--episodes", type=click.IntRange(min=1), default=100, show_default=True, help="How many games."
)
@click.option("--seed", type=click.IntRange(min=0), help="Same seed, same games; drawn if not given.")
def evaluate_command(run: Path, episodes: int, seed: int | None) -> None:
    """Let the agent of RUN, a folder that csai train left, play games."""
    from csai_train.commands.report import comparison_table
    from csai_train.evaluation import evaluate
    from csai_train.runs.run import Run
    from csai_train.threads import torch_threads

    opened = Run.open(run)
    with torch_threads(1):
        evaluation = evaluate(opened, episodes=episodes, seed=seed)
    Console(highlight=False).print(comparison_table({opened.algorithm: evaluation}, episodes))
