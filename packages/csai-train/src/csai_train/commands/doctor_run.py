"""`csai doctor-run`, and `csai doctor RUN`: why a run does not learn, in plain words."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from rich.text import Text

from csai_core.commands.output import console, json_option, print_json
from csai_core.commands.typed import TypedCommand
from csai_core.terminal import printable
from csai_train.commands.run_arguments import import_option, open_run
from csai_train.commands.run_names import run_argument


@click.command("doctor-run", cls=TypedCommand)
@run_argument(is_read=True)
@json_option
@import_option
def doctor_run_command(run: Path, as_json: bool) -> None:
    """Judge the health of RUN, under way or over: what is seen, what it means, what to try first.

    All marks of its history are judged again, by all rules that are installed now (csai list
    health_rules), as they were while it was trained. RUN is a folder, a name or what was trained in; else the
    newest run.

    What was seen and went away is told in a line. Where the feed of the run was cut or lost, it is said after
    which step it ends; what came then, nobody has looked at.

    As JSON it is a list of objects with rule, level (note, warning or stop), steps, seen, means, try_first,
    share_done (of the training by then, from 0 to 1) and gone_since (after how many steps it was not seen any
    more, or null).
    """
    from csai_train.commands.findings import print_findings
    from csai_train.health.finding import still_seen
    from csai_train.health.history import examine, has_vitals
    from csai_train.runs.status import what_is_lost

    opened = open_run(run)
    findings, lost = examine(opened), what_is_lost(opened)
    if as_json:
        print_json([asdict(finding) for finding in findings])
        if lost:
            click.echo(f"Warning: {printable(lost)}", err=True)
        return
    screen = console(markup=False)
    what = f"  {printable(opened.method)} in {printable(opened.subject)}"
    screen.print(Text.assemble((printable(opened.path), "bold cyan"), what), soft_wrap=True)
    print_findings(screen, findings, say_when=True)
    if lost:
        screen.print(Text(f"\n{printable(lost)} It cannot be judged."), soft_wrap=True)
    elif not still_seen(findings):
        screen.print("\nNothing else is wrong." if findings else "\nNothing wrong was found.")
    if not has_vitals(opened) and not lost:
        screen.print(
            "\nIt was trained without its vitals being taken, so that only its episodes and metrics were "
            "looked at.",
            soft_wrap=True,
        )
