"""`csai list`: everything that plugins offer."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import click
from rich.text import Text

from csai_core.commands import resolver
from csai_core.commands.output import console, json_option, print_json, print_rows
from csai_core.commands.typed import Name, TypedCommand
from csai_core.plugins import installed
from csai_core.plugins.entry import as_typed
from csai_core.plugins.names import Offer

_KIND = Name("kind", lambda typed: resolver.choose("kind", typed, resolver.kinds()))


@click.command("list", cls=TypedCommand)
@click.argument("kind", type=_KIND, required=False)
@json_option
def list_entries(kind: str | None, as_json: bool) -> None:
    """List everything that plugins offer, or one KIND of it: environments, algorithms, blocks and so on.

    As JSON it is a list of objects with kind, name, summary, plugin and full_name, which finds it whatever
    else is installed.
    """
    offered = {each: _rows(each) for each in ([kind] if kind else installed().kinds)}
    if as_json:
        print_json(
            [
                {"kind": each, "name": name, "summary": summary, "plugin": plugin, "full_name": full_name}
                for each, rows in offered.items()
                for name, summary, plugin, full_name in rows
            ]
        )
        return
    screen = console()
    for each, rows in offered.items():
        if rows:
            shown = [(Text(name, "cyan"), summary, Text(plugin, "dim")) for name, summary, plugin, _ in rows]
            print_rows(screen, ("name", "summary", "plugin"), shown, wraps="summary", title=each)
            screen.print()
        elif kind:
            screen.print(f"There are no {kind}: no installed plugin offers any.")


def _rows(kind: str) -> list[tuple[str, str, str, str]]:
    """Everything of a kind: its shortest name, a summary, its plugin and its full name."""
    shown = as_typed if kind == "commands" else str
    return [
        (shown(name), _summary(offer), offer.plugin, shown(offer.full_name))
        for name, offer in sorted(installed().names(kind).by_shortest().items())
    ]


def _summary(offer: Offer) -> str:
    """What an entry says of itself, or the first line of an environment's docstring."""
    summary = getattr(offer.record, "summary", None)
    return _first_line(offer.record.entry_point) if summary is None else str(summary)


def _first_line(entry_point: object) -> str:
    """The first line of a class's docstring, read from its file rather than by importing it."""
    module, _, class_name = str(entry_point).partition(":")
    try:
        return _docstring(module, class_name).splitlines()[0]
    except Exception:  # whatever a stranger's package is like, the list goes on
        return str(entry_point)


def _docstring(module: str, class_name: str) -> str:
    """The docstring of a class; of its base, where it has none and takes the base from another module."""
    found = importlib.util.find_spec(module)
    body = ast.parse(Path(str(found and found.origin)).read_text(encoding="utf-8")).body
    (own,) = [node for node in body if isinstance(node, ast.ClassDef) and node.name == class_name]
    if docstring := ast.get_docstring(own):
        return docstring
    homes = {
        alias.name: node.module for node in body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    (base,) = [each.id for each in own.bases if isinstance(each, ast.Name)]
    return _docstring(homes[base] or "", base)
