"""`csai plugins`: the installed plugins, what they offer and what went wrong."""

from __future__ import annotations

import dataclasses

import click
from rich.text import Text

from csai_core.commands.output import Cell, console, json_option, print_json, print_rows
from csai_core.commands.typed import TypedCommand
from csai_core.errors import UnknownNameError
from csai_core.plugins import PluginRecord, installed

_STYLES = {"ok": "green", "disabled": "yellow", "conflict": "red", "incompatible": "red", "failed": "red"}


@click.command(cls=TypedCommand)
@json_option
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
        print_json([dataclasses.asdict(record) for record in manager.records])
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
    screen = console()
    headings = ("plugin", "distribution", "status", "offers", "load")
    print_rows(screen, headings, [_row(record) for record in records], wraps="offers")
    for record in records:
        if record.problem:
            screen.print(Text.assemble("\n", (record.name, "bold"), f": {record.problem}"))
    if any(record.details for record in records):
        screen.print("\nThe whole story: csai plugins --why NAME")


def _row(record: PluginRecord) -> list[Cell]:
    status = Text(record.status, style=_STYLES[record.status])
    return [record.name, record.origin, status, _counts(record), f"{record.load_seconds * 1000:.0f} ms"]


def _counts(record: PluginRecord) -> str:
    counts = [(len(names), kind) for kind, names in record.offers.items() if names]
    return ", ".join(f"{n} {kind.removesuffix('s') if n == 1 else kind}" for n, kind in counts)
