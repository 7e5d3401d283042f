"""`csai plugins`: the installed plugins, what they offer and what went wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import click
from rich.text import Text

from csai_core.commands import resolver
from csai_core.commands.output import Cell, console, json_option, print_json, print_rows
from csai_core.commands.typed import Name, TypedCommand
from csai_core.plugins import PluginRecord, installed
from csai_core.plugins.entry import as_typed
from csai_core.terminal import printable

_STYLES = {"ok": "green", "disabled": "yellow", "conflict": "red", "incompatible": "red", "failed": "red"}


def _choose(typed: str) -> str:
    """The name of a plugin that is typed by its name or its distribution's."""
    manager = installed()
    forms = {each.name: [each.distribution] for each in manager.records}
    return resolver.choose("plugin", typed, forms)


_PLUGIN = Name("plugin", _choose)


@click.command(cls=TypedCommand)
@click.argument("name", type=_PLUGIN, required=False)
@json_option
@click.option("--why", type=_PLUGIN, metavar="NAME", help="Print all that is known of one plugin's problems.")
def plugins(name: str | None, as_json: bool, why: str | None) -> None:
    """Show the installed plugins and their health, or all that one of them offers.

    As JSON it is a list of objects with name, distribution, version, module, status, hooks, offers, problem,
    details and load_seconds.

    CSAI_PLUGINS=a,b loads only those; CSAI_DISABLE_PLUGINS=c skips some; CSAI_STRICT_PLUGINS=1 raises a
    plugin's error; CSAI_TRACE_PLUGINS=1 prints every load and hook call.
    """
    manager = installed()
    manager.call_all()
    records = [record for record in manager.records if (why or name) in (None, record.name)]
    if as_json:
        print_json([dataclasses.asdict(record) for record in records])
    elif why is not None:
        _explain(records[0])
    elif name is not None:
        _print_one(records[0])
    else:
        _print_table(records)


def _explain(record: PluginRecord) -> None:
    click.echo(f"{record.name} ({record.origin}): {record.problem or 'no problem'}")
    if record.details:
        click.echo(f"\n{record.details}")


def _print_one(record: PluginRecord) -> None:
    """Everything about one plugin; what it offers by the shortest names that find it."""
    screen = console()
    status = Text(record.status, style=_STYLES[record.status])
    screen.print(Text.assemble((record.name, "bold cyan"), "  plugin, ", status), soft_wrap=True)
    hooks = f"{printable(record.module)}, loaded in {record.load_seconds * 1000:.0f} ms"
    screen.print(f"{printable(record.origin) or 'of no distribution'}; hooks in {hooks}", soft_wrap=True)
    rows = [(Text(kind, "dim"), ", ".join(names)) for kind, names in _offers(record).items()]
    if rows:
        print_rows(screen, ("offers", "named"), rows, wraps="named")
    elif not record.problem:
        screen.print("offers nothing")
    if record.problem:
        screen.print(Text.assemble(("problem", "bold"), f": {record.problem}"))
    if record.details:
        screen.print(f"The whole story: csai plugins --why {record.name}")


def _offers(record: PluginRecord) -> dict[str, list[str]]:
    """The names of what a plugin offers, by kind."""
    manager, found = installed(), {}
    for kind in manager.kinds:
        named = manager.names(kind).by_shortest().items()
        shown = as_typed if kind == "commands" else str
        if names := [shown(name) for name, offer in named if offer.plugin == record.name]:
            found[kind] = sorted(names)
    return found


def _print_table(records: Sequence[PluginRecord]) -> None:
    screen = console()
    headings = ("plugin", "distribution", "status", "offers", "load")
    print_rows(screen, headings, [_row(record) for record in records], wraps="offers")
    for record in records:
        if record.problem:
            screen.print(Text.assemble("\n", (record.name, "bold"), f": {record.problem}"))
    if any(record.details for record in records):
        screen.print("\nThe whole story: csai plugins --why NAME")
    screen.print("\nAll of one: csai plugins NAME")


def _row(record: PluginRecord) -> list[Cell]:
    status = Text(record.status, style=_STYLES[record.status])
    return [record.name, record.origin, status, record.counts, f"{record.load_seconds * 1000:.0f} ms"]
