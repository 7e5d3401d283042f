"""`csai list`: everything that plugins offer."""

from __future__ import annotations

import click
from rich.console import Console
from rich.table import Table

from csai_core.plugins import KINDS, installed


@click.command("list")
@click.argument("kind", type=click.Choice(sorted(KINDS)), required=False)
def list_entries(kind: str | None) -> None:
    """List everything that plugins offer, or one KIND of it."""
    console = Console()
    for each in [kind] if kind else KINDS:
        rows = _environments() if each == "environments" else _entries(each)
        table = Table(title=each, title_justify="left", title_style="bold", box=None, pad_edge=False)
        for heading, style in (("name", "cyan"), ("summary", ""), ("plugin", "dim")):
            table.add_column(heading, style=style, no_wrap=heading == "name")
        for row in rows:
            table.add_row(*row)
        console.print(table)
        console.print()


def _environments() -> list[tuple[str, str, str]]:
    manager = installed()
    specs = manager.environments()
    return [
        (name, _entry_point(specs[name].entry_point), manager.environment_plugin(name) or "")
        for name in sorted(specs)
    ]


def _entries(kind: str) -> list[tuple[str, str, str]]:
    entries = installed().entries(kind)
    return [(name, entries[name].summary, entries[name].plugin) for name in sorted(entries)]


def _entry_point(entry_point: object) -> str:
    return entry_point if isinstance(entry_point, str) else repr(entry_point)
