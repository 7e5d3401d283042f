"""`csai fork`: the same training up to a step, and from there on with another setting."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.commands import output, resolver
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT
from csai_core.literals import once_each
from csai_core.options import describe
from csai_core.signals import interrupt_on_signals
from csai_core.terminal import as_markup
from csai_train.commands.attempt import conclude, is_run, saying_how_to_go_on
from csai_train.commands.config_options import value_for
from csai_train.commands.headline import Headline
from csai_train.commands.live_training import live_option, progress_of
from csai_train.commands.processes import (
    as_one_of_several,
    check_restarts,
    is_launcher,
    launch_all,
    processes_option,
    restarts_option,
    run_to_go_on_with,
    run_words,
)
from csai_train.commands.run_arguments import (
    checkpoint_choice,
    import_option,
    open_run,
    open_to_play,
    plain_warnings,
)
from csai_train.commands.run_names import run_argument
from csai_train.commands.stage_line import stage_lines
from csai_train.commands.training_options import (
    judged_option,
    run_dir_option,
    threads_option,
    workers_option,
)
from csai_train.events import Callback
from csai_train.group.joining import was_launched

if TYPE_CHECKING:
    from csai_train.runs.run import Run


@click.command("fork", cls=TypedCommand)
@run_argument()
@click.option("--at", required=True, metavar="N", help="After how many steps; or newest, or best.")
@click.option(
    "--set",
    "pairs",
    metavar="NAME=VALUE",
    multiple=True,
    help="A setting that differs from there on, such as learning_rate=1e-4; may be given several times.",
)
@click.option("--total-steps", type=COUNT, metavar="N", help="How long altogether. [default: as was planned]")
@run_dir_option
@click.option("--device", metavar="NAME", help="Where the network is computed: cpu, cuda or mps.")
@threads_option
@workers_option
@processes_option
@restarts_option
@judged_option
@live_option
@import_option
@click.pass_context
def fork_command(
    ctx: click.Context,
    run: Path,
    at: str,
    pairs: tuple[str, ...],
    total_steps: int | None,
    run_dir: Path | None,
    device: str | None,
    threads: int,
    workers: int | None,
    processes: int | None,
    max_restarts: int | None,
    episodes: int,
    is_live: bool,
) -> None:
    """Begin a new run that is RUN, bit for bit, up to step N, and has other settings from there on.

    So the only difference is the one that you make. At its end both curves are in one picture.

    What decays over a training, as exploration may, is planned by --total-steps, which stays as it was in RUN
    unless it is given. Settings that shape what is learned, as the network and the size of its memory, cannot
    change on the way.

    As many processes train it as RUN, unless --processes says another number.
    """
    from csai_train.threads import limited_threads
    from csai_train.training.fork import open_fork, unused_path
    from csai_train.training.train import resume

    console = output.console()
    old = open_to_play(run)
    changes = _changes(old, pairs)
    if processes is None and not was_launched():
        processes = old.processes
    check_restarts(max_restarts, processes, None)
    if is_launcher(processes):
        place = [] if run_dir else ["--run-dir", str(unused_path(old.path))]
        launch_all(ctx, console, processes or 1, threads, max_restarts, [*run_words(ctx, run), *place])
    with interrupt_on_signals(), saying_how_to_go_on(console) as attempt, as_one_of_several() as group:
        console.quiet = not group.is_main
        with plain_warnings(console):
            begun = run_to_go_on_with(run_dir, is_run)
            if group.is_main:
                with limited_threads(threads):
                    made = (
                        open_run(begun)
                        if begun
                        else open_fork(
                            old,
                            at=checkpoint_choice(at, "--at"),
                            changes=changes,
                            total_steps=total_steps,
                            run_dir=run_dir,
                            device=device,
                        )
                    )
                attempt.run_dir = made.path
                lines = _lines(console, old, made)
                shown = [attempt, *lines, progress_of(console, attempt.opened, is_live=is_live)]
                training = resume(made, device=device, callbacks=shown, threads=threads, workers=workers)
            else:
                training = resume("", device=device, threads=threads, workers=workers)
            conclude(console, attempt, training, episodes, is_told=group.is_main)


def _changes(run: Run, pairs: Iterable[str]) -> dict[str, Any]:
    """What --set says, as settings by their exact names."""
    from csai_train.training.fork import NO_SETTINGS

    config_class = type(run.settings)
    options = {option.name: option for option in describe(config_class)}
    forms = {name: ["".join(word[0] for word in name.split("_") if word)] for name in options}
    named: list[tuple[str, str]] = []
    for pair in pairs:
        typed, separator, text = pair.partition("=")
        if not (separator and typed.strip()):
            raise click.UsageError(f"--set was given {pair!r}; it must look like learning_rate=1e-4.")
        is_refused = typed in (*NO_SETTINGS, "total_steps") and typed not in options  # in words of its own
        name = typed if is_refused else resolver.choose(f"setting of {run.algorithm_name}", typed, forms)
        named.append((name, text.strip()))
    changes: dict[str, Any] = {}
    for name, text in once_each("--set", named).items():
        try:
            changes[name] = value_for(options[name], text) if name in options else text
        except click.BadParameter as error:
            raise click.UsageError(f"--set {name}={text}: {error.message}") from error
    return changes


def _lines(console: Console, old: Run, made: Run) -> list[Callback]:
    """What is forked, where from, how long it will be, and where it is kept; then which stage begins."""
    from csai_train.runs.fork import Fork

    fork = Fork.of(made)
    if fork is None:
        return []
    begun = "its start" if fork.checkpoint is None else f"its checkpoint after {fork.checkpoint:,} steps"
    planned = "" if "total_steps" in fork.changes else ", as was planned"
    headline = Headline(
        console,
        f"Forking [bold]{as_markup(old.path)}[/bold] after {fork.steps:,} steps, from {begun}",
        f"; the run is kept in {made.path}",
        f"It goes on to {made.total_steps:,} steps{planned}; what shrinks over a training, as exploring may, "
        "is planned by that.",
    )
    return [headline, *stage_lines(console, made)]
