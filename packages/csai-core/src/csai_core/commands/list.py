"""`csai list`: everything that plugins offer."""

from __future__ import annotations

import ast
import importlib.util
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from csai_core.plugins import KINDS, installed
from csai_core.plugins.entry import as_typed


@click.command("list")
@click.argument("kind", type=click.Choice(sorted(KINDS)), required=False)
def list_entries(kind: str | None) -> None:
    """List everything that plugins offer, or one KIND of it."""
    console = Console(highlight=False)
    for each in [kind] if kind else KINDS:
        rows = _environments() if each == "environments" else _entries(each)
        if rows:
            console.print(_table(each, rows))
            console.print()
        elif kind:
            console.print(f"There are no {kind}: no installed plugin offers any.")


def _table(kind: str, rows: list[tuple[str, str, str]]) -> Table:
    table = Table(title=kind, title_justify="left", title_style="bold", box=None, pad_edge=False)
    for heading, style in (("name", "cyan"), ("summary", ""), ("plugin", "dim")):
        table.add_column(heading, style=style, no_wrap=heading != "summary")
    for row in rows:
        table.add_row(*map(Text, row))
    return table


def _environments() -> list[tuple[str, str, str]]:
    manager = installed()
    specs = manager.environments()
    return [
        (name, _summary(specs[name].entry_point), manager.environment_plugin(name) or "")
        for name in sorted(specs)
    ]


def _summary(entry_point: object) -> str:
    """The first line of a class's docstring, read from its file rather than by importing it."""
    module, _, class_name = str(entry_point).partition(":")
    try:
        found = importlib.util.find_spec(module)
        source = Path(str(found and found.origin)).read_text(encoding="utf-8")
        classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)]
        (docstring,) = [ast.get_docstring(node) for node in classes if node.name == class_name]
        return (docstring or "").splitlines()[0]
    except Exception:  # whatever a stranger's package is like, the list goes on
        return str(entry_point)


def _entries(kind: str) -> list[tuple[str, str, str]]:
    entries = installed().entries(kind)
    shown = as_typed if kind == "commands" else str
    return [(shown(name), entries[name].summary, entries[name].plugin) for name in sorted(entries)]
