"""`csai compare`: which kind of training is better, over its seeds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.commands.output import console, json_option, print_json, print_rows
from csai_core.commands.typed import TypedCommand
from csai_core.terminal import as_markup
from csai_train.commands.run_arguments import open_run
from csai_train.commands.run_names import RunName, runs_in

if TYPE_CHECKING:
    from csai_train.comparison.comparison import Comparison, Pair, Sample


@click.command("compare", cls=TypedCommand)
@click.argument("runs", type=RunName(), nargs=-1, required=True)
@json_option
def compare_command(runs: tuple[Path, ...], as_json: bool) -> None:
    """Say which of RUNS are better: runs of agents in one environment, or folders that hold such runs.

    Runs that differ by their seed alone belong together. Of each kind the mean of its seeds is shown, the
    mean of their middle half with a 95% interval, and of each two kinds how often a seed of one reaches
    more than a seed of the other. One is called better where there are at least three seeds of each, and
    chance makes such a difference among equals in at most 5% of comparisons.

    What is compared is what the last evaluation of each run has found: the game's own score where it keeps
    one, and otherwise the return.

    As JSON it is an object with environment, measure, differences, samples (label, runs, values, mean,
    interquartile_mean, interval) and pairs (first, second, probability, interval, chance, better).
    """
    from csai_train.comparison.comparison import compare

    comparison = compare([open_run(path) for path in runs_in(runs)])
    if as_json:
        print_json(_described(comparison))
        return
    screen = console()
    print_samples(screen, comparison)
    for pair in comparison.pairs:
        screen.print(as_markup(in_words(pair)), soft_wrap=True)


def print_samples(screen: Console, comparison: Comparison) -> None:
    """What each kind of training has reached over its seeds, and in which settings they differ."""
    headings = ("kind", "seeds", "mean", "middle half", "95% interval", "lowest", "highest")
    rows = [_row(sample) for sample in comparison.samples]
    print_rows(screen, headings, rows, title=f"{comparison.environment}, {comparison.measure}")
    if comparison.differences:
        labels = [sample.label for sample in comparison.samples]
        differing = [(name, *values) for name, values in comparison.differences.items()]
        print_rows(screen, ("setting", *labels), differing, title="What differs")


def _row(sample: Sample) -> Sequence[str]:
    low, high = sample.interval
    return (
        sample.label,
        str(len(sample.runs)),
        f"{sample.mean:.2f}",
        f"{sample.interquartile_mean:.2f}",
        f"{low:.2f} to {high:.2f}" if len(sample.runs) > 1 else "",
        f"{sample.values.min():.2f}",
        f"{sample.values.max():.2f}",
    )


def in_words(pair: Pair) -> str:
    """What may be said of two kinds of training, and what would be needed to say more."""
    from csai_train.comparison.comparison import FEWEST_SEEDS

    if not pair.has_enough_seeds:
        few = min(pair.first, pair.second, key=lambda sample: len(sample.runs))
        has = "1 seed" if len(few.runs) == 1 else f"{len(few.runs)} seeds"
        return (
            f"{pair.first.label} and {pair.second.label}: nothing can be claimed, as {few.label} has {has}. "
            f"At least {FEWEST_SEEDS} of each are needed, better 5: train the same with other seeds."
        )
    pair = pair.swapped if pair.probability < 0.5 else pair
    first, second, (low, high) = pair.first.label, pair.second.label, pair.interval
    often = (
        f"a seed of {first} reaches more than one of {second} with a probability of {pair.probability:.0%} "
        f"(95% interval {low:.0%} to {high:.0%}), and chance makes such a difference among equals in "
        f"{pair.chance:.1%} of comparisons"
    )
    if pair.better is None:
        return f"{first} and {second}: no difference can be claimed. So far {often}. More seeds would tell."
    return f"{first} is better: {often}."


def _described(comparison: Comparison) -> dict[str, Any]:
    return {
        "environment": comparison.environment,
        "measure": comparison.measure,
        "differences": comparison.differences,
        "samples": [
            {
                "label": sample.label,
                "runs": [run.path for run in sample.runs],
                "values": sample.values,
                "mean": sample.mean,
                "interquartile_mean": sample.interquartile_mean,
                "interval": sample.interval,
            }
            for sample in comparison.samples
        ],
        "pairs": [
            {
                "first": pair.first.label,
                "second": pair.second.label,
                "probability": pair.probability,
                "interval": pair.interval,
                "chance": pair.chance,
                "better": None if pair.better is None else pair.better.label,
            }
            for pair in comparison.pairs
        ],
    }
