"""`csai evaluate`: measure how well a trained agent plays."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csai_core import storage
from csai_core.arguments import drawn_seed
from csai_core.commands import resolver
from csai_core.commands.environment_options import wrap_option
from csai_core.commands.output import console, json_option, print_json
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT, SEED, Number, OutputFile
from csai_core.terminal import as_markup
from csai_core.wrapping import with_wrappers
from csai_train.commands.run_arguments import (
    checkpoint_choice,
    device_option,
    import_option,
    length_option,
    open_to_play,
    plain_warnings,
    sample_option,
)
from csai_train.commands.run_names import run_argument

if TYPE_CHECKING:
    from csai_train.events import Evaluation
    from csai_train.runs.run import Run


@click.command("evaluate", cls=TypedCommand)
@run_argument(is_read=True)
@click.option("--episodes", type=COUNT, default=100, show_default=True, help="How many games.")
@click.option("--seed", type=SEED, help="Same seed, same games; drawn if not given.")
@click.option("--checkpoint", default="newest", show_default=True, help="newest, best or a number of steps.")
@click.option("--csv", "table", type=OutputFile(), help="Write a row for each game.")
@click.option("--at-least", type=Number(), metavar="RETURN", help="Exit with status 1 if the mean is below.")
@length_option
@sample_option
@json_option
@device_option
@wrap_option
@import_option
def evaluate_command(
    run: Path,
    episodes: int,
    seed: int | None,
    checkpoint: str,
    table: Path | None,
    at_least: float | None,
    max_episode_steps: int | None,
    sample: bool,
    as_json: bool,
    device: str,
    wrappers: tuple[str, ...],
) -> None:
    """Measure how well the agent of RUN plays: a run's folder, its name, or where it was trained.

    Without RUN it is the newest run.

    As JSON it is an object with run, environment, algorithm, checkpoint, seed, mean_return, std_return,
    interval_return, mean_score and mean_length, and with returns, scores and lengths, one for each game.
    """
    from csai_train.commands.report import print_comparison
    from csai_train.evaluation.evaluate import evaluate
    from csai_train.runs.evaluation_file import write_evaluation

    screen = console(stderr=as_json)
    opened = open_to_play(run)
    seed = drawn_seed("evaluate", seed)
    with plain_warnings(screen), screen.status(f"Playing {episodes} games …"):
        agent = opened.agent(checkpoint_choice(checkpoint), device)
        evaluation = evaluate(
            agent,
            with_wrappers(opened.environment, resolver.wrappers(wrappers, opened.environment)),
            episodes,
            seed,
            sample=sample,
            max_episode_steps=max_episode_steps,
        )
    how = {"sample": sample, "max-episode-steps": max_episode_steps, "wrap": wrappers}
    unlike = _unlike(checkpoint, how)
    if not unlike:
        write_evaluation(opened, evaluation)
    if as_json:
        print_json(_describe(opened, checkpoint, seed, evaluation))
    else:
        print_comparison(screen, {opened.algorithm_name: evaluation})
        if unlike:
            screen.print(f"[dim]Measured with {unlike}, so csai runs shows what was measured without.[/dim]")
    if table is not None:
        _write(evaluation, table)
        screen.print(f"Every game is in {as_markup(table)}", soft_wrap=True)
    if at_least is not None and not evaluation.mean_return >= at_least:
        screen.print(f"The mean return is below {at_least:g}.")
        sys.exit(1)


def _unlike(checkpoint: str, options: Mapping[str, Any]) -> str:
    """The option by which an evaluation cannot be compared with those of other runs; empty if none."""
    if checkpoint_choice(checkpoint) != "newest":
        return "--checkpoint"
    return next((f"--{name}" for name, value in options.items() if value), "")


def _describe(run: Run, checkpoint: str, seed: int, evaluation: Evaluation) -> dict[str, Any]:
    return {
        "run": run.path,
        "environment": run.environment_id,
        "algorithm": run.algorithm_name,
        "checkpoint": checkpoint,
        "seed": seed,
        "mean_return": evaluation.mean_return,
        "std_return": evaluation.std_return,
        "interval_return": evaluation.interval_return,
        "mean_score": evaluation.mean_score,
        "mean_length": evaluation.mean_length,
        "returns": evaluation.returns,
        "scores": evaluation.scores,
        "lengths": evaluation.lengths,
    }


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
