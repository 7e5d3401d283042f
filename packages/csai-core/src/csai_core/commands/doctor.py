"""`csai doctor`: what is installed, what is wrong with it, and how healthy a run or an algorithm is."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import click
from rich.text import Text

from csai_core import diagnostics
from csai_core.commands.output import console, json_option, print_json, print_rows
from csai_core.commands.typed import NETWORK, TypedCommand, entry_of
from csai_core.plugins import installed
from csai_core.plugins.entry import as_typed

_SIGNS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "problem": ("PROBLEM", "bold red")}


@click.command(cls=TypedCommand)
@click.argument("run", required=False)
@click.option(
    "--probes",
    "algorithm",
    type=entry_of("algorithms"),
    metavar="ALGORITHM",
    help="Try an algorithm in five tiny environments.",
)
@click.option("--net", type=NETWORK, metavar="NET", help="With --probes: the network that it shall use.")
@json_option
@click.pass_context
def doctor(
    context: click.Context, run: str | None, algorithm: str | None, net: str | None, as_json: bool
) -> None:
    """Examine this installation, or a RUN: why it does not learn, in plain words.

    Of the installation it looks at versions, plugins, pygame, torch, threads and the display, and ends with
    status 1 if there is a problem. It works, and names the culprit, where a plugin makes every other command
    hang or end. Paste the report into a bug report. Of a run it goes through its whole history; csai
    doctor-run --help says more, and csai probe --help of --probes.

    As JSON it is a list of objects with topic, verdict (ok, note or problem) and text; of a run with rule,
    level, steps, seen, means, try_first, share_done and gone_since; of probes with probe, passed, seen and
    broken.
    """
    flags = ["--json"] if as_json else []
    if algorithm is not None and run is not None:
        raise click.UsageError("Say either a RUN or --probes ALGORITHM: one thing is examined at a time.")
    if algorithm is None and net is not None:
        raise click.UsageError(
            "--net says which network --probes shall try an algorithm with; give --probes too."
        )
    if algorithm is not None:
        _hand_on(context, "probe", [algorithm, *(["--net", net] if net else []), *flags])
    elif run is not None:
        _hand_on(context, "doctor_run", [run, *flags])
    else:
        _examine_installation(as_json=as_json)


def _hand_on(context: click.Context, name: str, words: Sequence[str]) -> None:
    """Let the command answer that knows trainings."""
    command = installed().find("commands", name).load()
    with command.make_context(as_typed(name), [*words], parent=context) as inner:
        command.invoke(inner)


def _examine_installation(*, as_json: bool) -> None:
    findings = list(diagnostics.examine())
    if as_json:
        print_json([dataclasses.asdict(finding) for finding in findings])
    else:
        rows = [
            (Text(*_SIGNS[finding.verdict]), Text(finding.topic, "cyan"), finding.text)
            for finding in findings
        ]
        print_rows(console(), ("", "about", "what was found"), rows, wraps="what was found")
    problems = sum(finding.verdict == "problem" for finding in findings)
    if problems:
        raise click.ClickException(f"{problems} problem{'s' if problems > 1 else ''} found.")
