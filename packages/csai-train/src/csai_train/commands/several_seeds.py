"""`csai train --seeds`: the same with several seeds, how far they are, and what they have reached."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.live import Live
from rich.table import Table

from csai_core.arguments import LARGEST_SEED
from csai_core.commands import INTERRUPTED
from csai_core.commands.values import COUNT
from csai_core.terminal import as_markup, as_typed
from csai_train.commands.attempt import passing_over
from csai_train.commands.compare import print_samples
from csai_train.commands.run_arguments import plain_warnings

if TYPE_CHECKING:
    from csai_train.commands.new_run import Plan
    from csai_train.runs.run import Run
    from csai_train.studies.processes import Progress

_MOST_SEEDS = 1000
_STYLES = {"training": "cyan", "done": "green", "failed": "red", "stopped": "yellow"}


class Seeds(click.ParamType[Sequence[int]]):
    """Several seeds: 0-4, or 1,5,7, or both."""

    name = "seeds"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Sequence[int]:
        """The seeds, in the order in which they were typed."""
        seeds: list[int] = []
        for part in str(value).split(","):
            first, dash, last = part.strip().partition("-")
            ends = [first, last] if dash else [first, first]
            if not all(each.strip().isdecimal() and int(each) <= LARGEST_SEED for each in ends):
                self.fail(f"{value!r} does not name seeds, as 0-4 and 1,5,7 do.", param, ctx)
            if not 0 <= int(ends[1]) - int(ends[0]) < _MOST_SEEDS:
                self.fail(f"{part.strip()!r} is given; it must rise, by {_MOST_SEEDS:,} at most.", param, ctx)
            seeds += range(int(ends[0]), int(ends[1]) + 1)
        if len(set(seeds)) < len(seeds):
            self.fail(f"{value!r} names a seed twice.", param, ctx)
        return seeds


seeds_option = click.option(
    "--seeds",
    type=Seeds(),
    metavar="0-4",
    help="Several seeds, each a run and a process of its own, compared at the end.",
)
jobs_option = click.option(
    "--jobs",
    type=COUNT,
    metavar="N",
    help="How many of --seeds are trained at a time. [default: as many as there are cores]",
)


def check_options(resume: str | None, seed: int | None, *, is_live: bool) -> None:
    """Refuse what does not go with several seeds."""
    if resume is not None:
        raise click.UsageError(
            "--seeds cannot be given with --resume: the same command with the same --run-dir goes on "
            "with all seeds that are not finished."
        )
    if seed is not None:
        raise click.UsageError("Both --seed and --seeds are given; give one of them.")
    if is_live:
        raise click.UsageError(
            "--live shows one training. While these go on, csai live RUN shows one of them."
        )


def train_several(
    console: Console, plan: Plan, seeds: Sequence[int], jobs: int | None, episodes: int
) -> None:
    """Train with each seed, and tell what they have reached."""
    from csai_train.studies.seeds import train_seeds

    count = jobs or os.cpu_count() or 1
    how = f"with {len(seeds)} seed{'s' if len(seeds) > 1 else ''} in"
    kept = as_markup(f"; the runs are kept in {plan.run_dir}")
    console.print(f"{plan.headline(how)}{kept}", soft_wrap=True)
    if plan.remark:
        console.print(f"[dim]{as_markup(plan.remark)}[/dim]", soft_wrap=True)
    view = _Table(console) if console.is_terminal else _Lines(console)
    try:
        with plain_warnings(console), view:
            runs = train_seeds(
                plan.algorithm,
                plan.spec,
                run_dir=plan.run_dir,
                seeds=seeds,
                jobs=count,
                episodes=episodes,
                watch=view.show,
                **plan.settings,
            )
    except KeyboardInterrupt:
        console.print(
            "\nStopped; all seeds are saved. Go on with the same command and "
            f"--run-dir {as_typed(plan.run_dir)}",
            soft_wrap=True,
        )
        sys.exit(INTERRUPTED)
    _report(console, plan, runs)


def _report(console: Console, plan: Plan, runs: Sequence[Run]) -> None:
    """What they have reached, as a table and a picture, and what is next."""
    from csai_train.comparison.comparison import compare
    from csai_train.runs.curves import draw_comparison

    print_samples(console, compare(runs))
    with passing_over(console, "The curves could not be drawn"):
        drawn = draw_comparison(runs, plan.run_dir / "curves.png")
        console.print(f"{'Curves:':<22} {as_markup(drawn)}", soft_wrap=True)
    for aim, command in (
        ("Compare with others", f"csai compare {as_typed(plan.run_dir)} OTHERS"),
        ("Watch one of them", f"csai watch {as_typed(runs[0].path)}"),
    ):
        console.print(f"{aim + ':':<22} [bold]{as_markup(command)}[/bold]", soft_wrap=True)


class _Lines:
    """Tells in lines what changes, where nothing on the screen can be changed.

    Args:
        console: where.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._states: dict[int, str] = {}

    def __enter__(self) -> None:
        pass

    def __exit__(self, *error: object) -> None:
        pass

    def show(self, progress: Sequence[Progress]) -> None:
        """Tell what has changed since the last time."""
        for each in progress:
            if self._states.get(each.seed, "waiting") != each.state:
                self._console.print(f"seed {each.seed}: {each.state}{_reached(each)}", highlight=False)
            self._states[each.seed] = each.state


class _Table:
    """Shows all seeds at once, in a terminal.

    Args:
        console: where.
    """

    def __init__(self, console: Console) -> None:
        self._live = Live(console=console, auto_refresh=False)

    def __enter__(self) -> None:
        self._live.start()

    def __exit__(self, *error: object) -> None:
        self._live.stop()

    def show(self, progress: Sequence[Progress]) -> None:
        """Draw it again."""
        table = Table(box=None, pad_edge=False)
        for heading in ("seed", "state", "steps", "mean of the last 100"):
            table.add_column(heading, justify="left" if heading == "state" else "right")
        for each in progress:
            share = "" if each.total_steps is None else f"{each.steps:,} of {each.total_steps:,}"
            mean = "" if each.mean is None else f"{each.mean:.2f}"
            state = f"[{_STYLES.get(each.state, 'dim')}]{each.state}[/]"
            table.add_row(str(each.seed), state, share, mean)
        self._live.update(table, refresh=True)


def _reached(progress: Progress) -> str:
    if progress.total_steps is None:
        return ""
    mean = "" if progress.mean is None else f", mean of the last 100 episodes {progress.mean:.2f}"
    return f" after {progress.steps:,} of {progress.total_steps:,} steps{mean}"
