"""`csai verify`: does a run's seed still give the same training?"""

from __future__ import annotations

import sys
from pathlib import Path

import click
from rich.console import Console

from csai_core.commands.typed import TypedCommand
from csai_core.commands.values import COUNT
from csai_train.commands.run_arguments import import_option, open_run
from csai_train.commands.run_names import run_argument


@click.command("verify", cls=TypedCommand)
@run_argument()
@click.option("--steps", type=COUNT, default=10_000, show_default=True, help="How many to repeat.")
@import_option
def verify_command(run: Path, steps: int) -> None:
    """Repeat the first steps of RUN and compare: episodes, metrics, and checkpoints with their weights.

    The exit status is 1 where something differs.
    """
    from csai_train.runs.directory import versions
    from csai_train.training.verify import verify

    console = Console(highlight=False, soft_wrap=True)
    opened = open_run(run)
    with console.status(f"Repeating the first steps of {opened.path} …"):
        result = verify(opened, steps)
    then, now = opened.config["versions"], versions()
    for name in sorted({*then, *now}):
        if then.get(name) != now.get(name):
            console.print(
                f"{name} was {then.get(name, 'absent')} then, and is {now.get(name, 'absent')} now."
            )
    console.print(
        f"Repeated {result.steps:,} steps, and compared {result.episodes:,} episodes, {result.rows} rows of "
        f"metrics and {result.checkpoints} checkpoints."
    )
    if result.difference:
        console.print(f"[red]Not the same.[/red] {result.difference}")
        sys.exit(1)
    console.print("[green]The same in everything.[/green]")
