"""`csai doctor`: what is installed, and what is wrong with it."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from csai_core import diagnostics

_SIGNS = {"ok": ("ok", "green"), "note": ("note", "yellow"), "problem": ("PROBLEM", "bold red")}


@click.command()
def doctor() -> None:
    """Examine this installation: versions, plugins, pygame, torch, threads, display.

    Ends with status 1 if there is a problem. Paste the report into a bug report.
    """
    table = Table(box=None, pad_edge=False, show_header=False)
    for style in ("", "cyan", ""):
        table.add_column(style=style)
    findings = list(diagnostics.examine())
    for finding in findings:
        table.add_row(Text(*_SIGNS[finding.verdict]), Text(finding.topic), Text(finding.text))
    Console(highlight=False).print(table)
    problems = sum(finding.verdict == "problem" for finding in findings)
    if problems:
        raise click.ClickException(f"{problems} problem{'s' if problems > 1 else ''} found.")
