"""`csai train --processes`: the command launches itself as several processes, each of which does its part."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource
from rich.console import Console

from csai_core.arguments import drawn_seed
from csai_core.commands import mistakes
from csai_core.commands.values import COUNT, Whole
from csai_core.signals import ignored
from csai_core.terminal import as_markup
from csai_train.errors import ProcessLostError
from csai_train.group.joining import attempt, find_group, launched, was_launched

if TYPE_CHECKING:
    from csai_train.commands.new_run import Plan
    from csai_train.group import Group

_PATIENCE_SECONDS = 1.0
"""How long a process that was left alone waits with its end, so that the cause of it is seen first."""

processes_option = click.option(
    "--processes",
    type=COUNT,
    metavar="N",
    help="Processes that train together; what is counted, as by --num-envs or --batch-size, is a total. A "
    "network that is large or slow to compute gains by it, a small one does not.",
)
restarts_option = click.option(
    "--max-restarts",
    type=Whole(0, 1_000_000),
    metavar="N",
    help="How often --processes are started again from the last checkpoint where one is lost. [default: 3]",
)
_RESTARTS = 3


def check_restarts(max_restarts: int | None, processes: int | None, seeds: Sequence[int] | None) -> None:
    """Refuse options that do not go together."""
    if processes is not None and seeds is not None:
        raise click.UsageError("--seeds are processes of their own; give --jobs in place of --processes.")
    if max_restarts is not None and processes is None:
        raise click.UsageError("--max-restarts says how often --processes are started again; give these too.")


def is_launcher(processes: int | None) -> bool:
    """Whether this process is to launch others, and is none of them.

    Raises:
        UsageError: if it is one of another number.
    """
    if processes is None:
        return False
    if was_launched():
        if processes != launched():
            raise click.UsageError(
                f"--processes {processes} is given to one of {launched()} that were launched already; leave "
                "it out."
            )
        return False
    return processes > 1


def launch_all(
    ctx: click.Context,
    console: Console,
    processes: int,
    threads: int,
    max_restarts: int | None,
    fixed: Sequence[str],
) -> None:
    """Launch the command as several processes, and end as they end.

    Args:
        ctx: of the command; it has the words that were typed.
        console: where restarts are told.
        processes: how many.
        threads: how many each computes with.
        max_restarts: how often they are started again; None is some times.
        fixed: words to add, for what must be the same in all of them, and whenever they start again.
    """
    from csai_train.group.launch import launch

    def tell(text: str) -> None:
        console.print(f"[yellow]{as_markup(text)}[/yellow]", soft_wrap=True)

    status = launch(
        [str(ctx.info_name), *ctx.meta["arguments"], *fixed],
        processes,
        threads=threads,
        max_restarts=_RESTARTS if max_restarts is None else max_restarts,
        tell=tell,
    )
    ctx.exit(status)


def fixed_words(plan: Plan, given: dict[str, Any]) -> list[str]:
    """Where the run is kept and what it is seeded with, where that was not said."""
    words = [] if given["run_dir"] else ["--run-dir", str(plan.run_dir)]
    return words if "seed" in plan.settings else [*words, "--seed", str(drawn_seed("train", None))]


def run_words(ctx: click.Context, run: Path) -> list[str]:
    """The word that names a run, where none was typed: another may be the newest before all have looked."""
    is_typed = ctx.get_parameter_source("run") is ParameterSource.COMMANDLINE
    return [] if is_typed else [str(run)]


def run_to_go_on_with(run_dir: Path | None, is_run: Callable[[Path], bool]) -> Path | None:
    """The run that processes had begun which were started again; None where there is none."""
    if not (was_launched() and attempt()):
        return None
    if run_dir is None:
        raise click.UsageError(
            "These processes are started again, and nothing says with which run they go on; give --run-dir."
        )
    begun = find_group().any(find_group().is_main and is_run(run_dir))
    return run_dir if begun else None


def only_how(given: dict[str, Any]) -> dict[str, Any]:
    """Of the options of a new run, those that say how a run is gone on with."""
    return {
        **dict.fromkeys(("total_steps", "algorithm")),
        **{name: given[name] for name in ("device", "workers")},
    }


@contextmanager
def as_one_of_several() -> Iterator[Group]:
    """The group that this process belongs to; inside, the first one alone says what fails in all.

    One that has lost another ends with a status that says so, and has nothing to say by itself.
    """
    is_first = True
    try:
        group = find_group()
        is_first = group.is_main
        yield group
    except ProcessLostError as error:
        from csai_train.group.launch import LOST

        with ignored():  # the launcher ends this one as soon as it has seen how the other ended
            time.sleep(_PATIENCE_SECONDS)
        if is_first:
            click.echo(mistakes.told(error), err=True)
        sys.exit(LOST)
    except Exception:
        if not is_first:
            time.sleep(_PATIENCE_SECONDS)
        raise
