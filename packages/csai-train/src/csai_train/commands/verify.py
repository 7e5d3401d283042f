"""`csai verify`: does a run's seed still give the same training?"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from csai_core.commands import output
from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT
from csai_core.terminal import as_markup
from csai_train.commands.processes import as_one_of_several, is_launcher, launch_all, run_words
from csai_train.commands.run_arguments import import_option, open_to_play
from csai_train.commands.run_names import run_argument
from csai_train.group.joining import was_launched


@click.command("verify", cls=TypedCommand)
@run_argument(is_read=True)
@click.option("--steps", type=COUNT, default=10_000, show_default=True, help="How many to repeat.")
@import_option
@click.pass_context
def verify_command(ctx: click.Context, run: Path, steps: int) -> None:
    """Repeat the first steps of RUN and compare: episodes, metrics, and checkpoints with their weights.

    RUN is a run's folder, its name, or where it was trained, such as snake; without it, the newest run. What
    several processes have trained is repeated by as many.

    The exit status is 1 where something differs.
    """
    from csai_train.runs.config_file import versions
    from csai_train.training.verify import verify

    on = output.console(soft_wrap=True)
    opened = open_to_play(run)
    if not was_launched() and is_launcher(opened.processes):
        launch_all(ctx, on, opened.processes, 1, None, run_words(ctx, run))
    with as_one_of_several() as group, on.status(f"Repeating the first steps of {as_markup(opened.path)} …"):
        on.quiet = not group.is_main
        result = verify(opened, steps)
    if not group.is_main:
        return
    then, now = opened.config.get("versions") or {}, versions()
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            was, now_is = then.get(name, "absent"), now.get(name, "absent")
            on.print(as_markup(f"{name} was {was} then, and is {now_is} now."))
    on.print(
        f"Repeated {result.steps:,} steps, and compared {result.episodes:,} episodes, {result.rows} rows of "
        f"metrics and {result.checkpoints} checkpoints."
    )
    if result.difference:
        on.print(f"[red]Not the same.[/red] {as_markup(result.difference)}")
        sys.exit(1)
    on.print("[green]The same in everything.[/green]")
