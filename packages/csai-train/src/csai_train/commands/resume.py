"""`csai train --resume`: which run goes on, and to which end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.errors import CsaiError
from csai_core.terminal import as_markup, as_typed
from csai_train.commands.algorithm_command import AS_STARTED
from csai_train.commands.attempt import Attempt
from csai_train.commands.headline import Headline
from csai_train.commands.live_training import progress_of
from csai_train.commands.run_arguments import open_to_play
from csai_train.commands.run_names import find_run, newest_run
from csai_train.commands.stage_line import stage_lines

if TYPE_CHECKING:
    from csai_train.runs.run import Run
    from csai_train.training.loop import Training

NEWEST = "newest"


def resume_run(
    console: Console,
    attempt: Attempt,
    environment: str | None,
    which: str,
    threads: int,
    given: dict[str, Any],
) -> Training:
    """Go on with a run, as the options of `csai train` say."""
    from csai_train.training.train import resume

    free = ("total_steps", "algorithm", "device", "workers")
    total_steps, algorithm, device, workers = (given.pop(name) for name in free)
    ctx = click.get_current_context()
    flags = {str(each.name): each.opts[0] for each in ctx.command.get_params(ctx)}
    refused = [flags[name] for name, value in given.items() if value not in (None, (), {}, "auto")]
    if refused:
        raise click.UsageError(f"{refused[0]} {AS_STARTED}.")
    run = _run_to_resume(environment, algorithm, which)
    attempt.run_dir = run.path
    taken = run.steps_taken()
    _check_length(run, taken, total_steps)
    headline = Headline(console, f"Continuing [bold]{as_markup(run.path)}[/bold] after {taken:,} steps", ".")
    return resume(
        run,
        total_steps=None if total_steps == run.total_steps else total_steps,
        device=device,
        callbacks=[
            attempt,
            headline,
            *stage_lines(console, run),
            progress_of(console, attempt.opened, is_live=attempt.is_live),
        ],
        threads=threads,
        workers=workers,
    )


def follow_run(threads: int, given: dict[str, Any]) -> Training:
    """Go on, in another process than the first of several, with the run that the first one opens."""
    from csai_train.training.train import resume

    return resume("", device=given["device"], threads=threads, workers=given["workers"])


def _run_to_resume(environment: str | None, algorithm: str | None, which: str) -> Run:
    """The run that --resume names, or the newest of an environment, or the newest of all."""
    from csai_train.runs import listing

    bare = None if environment is None else environment.rpartition(":")[2]
    if which != NEWEST:
        run = open_to_play(find_run(which))
    else:
        newest = listing.newest_run(bare, algorithm).path if bare else newest_run()
        run = open_to_play(newest)
    if bare not in (None, run.environment_id):
        raise click.UsageError(f"{run.path} is a run of {run.environment_id}, not of {bare}.")
    return run


def _check_length(run: Run, taken: int, total_steps: int | None) -> None:
    """Refuse to go on to an end that is over, and say which would not be."""
    if total_steps is not None and total_steps < max(taken, run.total_steps):
        planned = f", of the {run.total_steps:,} that are planned" if taken < run.total_steps else ""
        raise CsaiError(
            f"{run.path} has taken {taken:,} steps{planned}. --total-steps says after how many altogether it "
            f"ends, and can only extend it: {total_steps:,} would be less."
            + (f" To go on as planned: csai train --resume {as_typed(run.path)}" if planned else "")
        )
    if taken >= (total_steps or run.total_steps):
        raise CsaiError(
            f"{run.path} is complete: it has taken its {taken:,} steps. To train for longer, say how long "
            f"altogether: csai train --resume {as_typed(run.path)} --total-steps {2 * taken}"
        )
