"""`csai show`: one entry, explained."""

from __future__ import annotations

import inspect

import click
import gymnasium
from rich.console import Console
from rich.table import Table

from csai_core import options
from csai_core.environments import find_spec
from csai_core.errors import UnknownNameError
from csai_core.plugins import KINDS, Entry, installed


@click.command()
@click.argument("name")
def show(name: str) -> None:
    """Explain NAME: an environment's id, or an algorithm, block, buffer, agent or command."""
    console = Console(highlight=False)
    found = [e for kind in KINDS if kind != "environments" for e in _entry(kind, name)]
    for kind, entry in found:
        _show_entry(console, kind, entry)
    if not found:
        known = [n for kind in KINDS if kind != "environments" for n in installed().entries(kind)]
        if "/" not in name and name not in gymnasium.registry:
            raise UnknownNameError.of("entry", name, [*known, *installed().environments()])
        _show_environment(console, name)


def _entry(kind: str, name: str) -> list[tuple[str, Entry]]:
    entries = installed().entries(kind)
    key = name.replace("-", "_")
    return [(kind, entries[key])] if key in entries else []


def _show_entry(console: Console, kind: str, entry: Entry) -> None:
    console.print(f"[bold cyan]{entry.name}[/bold cyan]  {kind.removesuffix('s')}")
    for text in (entry.summary, entry.reference):
        if text:
            console.print(text)
    console.print(f"[dim]{entry.target}, from plugin {entry.plugin}[/dim]")
    config = entry.load_config()
    if config is not None:
        table = Table(box=None, pad_edge=False)
        for heading, style in (("option", "cyan"), ("default", ""), ("explanation", "")):
            table.add_column(heading, style=style)
        for option in options.describe(config):
            table.add_row(option.name, str(option.default), option.explanation)
        console.print(table)


def _show_environment(console: Console, environment_id: str) -> None:
    spec = find_spec(environment_id)
    plugin = installed().environment_plugin(environment_id)
    console.print(f"[bold cyan]{spec.id}[/bold cyan]  environment")
    creator = spec.entry_point
    if isinstance(creator, str):
        creator = gymnasium.envs.registration.load_env_creator(creator)  # type: ignore[assignment]
    console.print(inspect.getdoc(creator) or "")
    console.print(f"[dim]{spec.entry_point}, from {f'plugin {plugin}' if plugin else 'Gymnasium'}[/dim]")
