"""`csai plugins`: the installed plugins, what they offer and what went wrong."""

from __future__ import annotations

import dataclasses
import json

import click
from rich.console import Console
from rich.table import Table

from csai_core.errors import UnknownNameError
from csai_core.plugins import PluginRecord, installed

_STYLES = {"ok": "green", "failed": "red", "incompatible": "red", "disabled": "yellow"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option("--why", metavar="NAME", help="Print the traceback of one failed plugin.")
def plugins(as_json: bool, why: str | None) -> None:
    """Show the installed plugins and their health.

    CSAI_PLUGINS=a,b loads only those; CSAI_DISABLE_PLUGINS=c skips some; CSAI_STRICT_PLUGINS=1 raises a
    plugin's error; CSAI_TRACE_PLUGINS=1 prints every load and hook call.
    """
    manager = installed()
    manager.call_all()
    if why is not None:
        _explain(why, {record.name: record for record in manager.records})
    elif as_json:
        click.echo(json.dumps([dataclasses.asdict(record) for record in manager.records], indent=2))
    else:
        _print_table(manager.records)


def _explain(name: str, records: dict[str, PluginRecord]) -> None:
    if name not in records:
        raise UnknownNameError.of("plugin", name, records)
    record = records[name]
    click.echo(record.details or record.problem or f"Plugin {name!r} has no problem.")


def _print_table(records: tuple[PluginRecord, ...]) -> None:
    console = Console()
    table = Table(box=None, pad_edge=False)
    for heading in ("plugin", "distribution", "status", "offers", "load"):
        table.add_column(heading, no_wrap=heading in ("plugin", "status"))
    for record in records:
        offers = ", ".join(hook.removeprefix("csai_") for hook in record.hooks)
        style = _STYLES[record.status]
        status = f"[{style}]{record.status}[/{style}]"
        milliseconds = f"{record.load_seconds * 1000:.0f} ms"
        table.add_row(record.name, record.origin, status, offers, milliseconds)
    console.print(table)
    for record in records:
        if record.problem:
            console.print(f"\n[bold]{record.name}[/bold]: {record.problem}", highlight=False)
    if any(record.details for record in records):
        console.print("\nThe whole story: csai plugins --why NAME")
