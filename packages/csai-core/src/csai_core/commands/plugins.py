"""`csai plugins`: the installed plugins, what they offer and what went wrong."""

from __future__ import annotations

import dataclasses
import json

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from csai_core.errors import UnknownNameError
from csai_core.plugins import PluginRecord, installed

_STYLES = {"ok": "green", "disabled": "yellow", "conflict": "red", "incompatible": "red", "failed": "red"}


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option("--why", metavar="NAME", help="Print all that is known of one plugin's problems.")
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
    click.echo(f"{record.name} ({record.origin}): {record.problem or 'no problem'}")
    if record.details:
        click.echo(f"\n{record.details}")


def _print_table(records: tuple[PluginRecord, ...]) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False)
    for heading in ("plugin", "distribution", "status", "offers", "load"):
        table.add_column(heading, no_wrap=heading in ("plugin", "status", "load"))
    for record in records:
        status = Text(record.status, style=_STYLES[record.status])
        milliseconds = f"{record.load_seconds * 1000:.0f} ms"
        table.add_row(Text(record.name), Text(record.origin), status, _counts(record), milliseconds)
    console.print(table)
    for record in records:
        if record.problem:
            console.print(Text.assemble("\n", (record.name, "bold"), f": {record.problem}"))
    if any(record.details for record in records):
        console.print("\nThe whole story: csai plugins --why NAME")


def _counts(record: PluginRecord) -> str:
    counts = [(len(names), kind) for kind, names in record.offers.items() if names]
    return ", ".join(f"{n} {kind.removesuffix('s') if n == 1 else kind}" for n, kind in counts)
