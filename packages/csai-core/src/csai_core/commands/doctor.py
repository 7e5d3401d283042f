"""`csai doctor`: what is installed, and what is wrong with it."""

from __future__ import annotations

import dataclasses

import click
from rich.text import Text

from csai_core import diagnostics
from csai_core.commands.output import console, json_option, print_json, print_rows
from csai_core.commands.typed import TypedCommand

_SIGNS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "problem": ("PROBLEM", "bold red")}


@click.command(cls=TypedCommand)
@json_option
def doctor(as_json: bool) -> None:
    """Examine this installation: versions, plugins, pygame, torch, threads, display.

    Ends with status 1 if there is a problem. Paste the report into a bug report.

    As JSON it is a list of objects with topic, verdict (ok, note or problem) and text.
    """
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
