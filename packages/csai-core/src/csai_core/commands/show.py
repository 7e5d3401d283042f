"""`csai show`: one thing that a plugin offers, explained."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import click
import gymnasium
from gymnasium.envs.registration import EnvSpec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from csai_core import options
from csai_core.commands.local_modules import allow_local_modules
from csai_core.environments import find_spec
from csai_core.errors import PluginError, UnknownNameError
from csai_core.plugins import KINDS, Entry, installed
from csai_core.plugins.entry import as_typed


@click.command()
@click.argument("name")
@click.pass_context
def show(context: click.Context, name: str) -> None:
    """Explain NAME: an environment's id, anything else that `csai list` lists, or the folder of a run."""
    allow_local_modules(name)
    console = Console(highlight=False, markup=False)
    entries = _entries_named(name)
    for kind, entry in entries:
        _show_entry(console, kind, entry)
    if not entries and Path(name).is_dir():  # whoever trains knows what stands in a run
        context.invoke(installed().find("commands", "show_run").load(), run=Path(name))
    elif not entries:
        _show_environment(console, _environment_named(name))


def _entries_named(name: str) -> list[tuple[str, Entry]]:
    """What goes by a name, of every kind but environments."""
    found = []
    for kind in KINDS:
        try:
            if kind != "environments":
                found.append((kind, installed().find(kind, name)))
        except UnknownNameError:
            continue
    return found


def _environment_named(name: str) -> EnvSpec:
    manager = installed()
    if "/" in name or ":" in name or name in gymnasium.registry:
        return find_spec(name)
    known = [each for kind in KINDS if kind != "environments" for each in manager.entries(kind)]
    raise UnknownNameError.of("entry", name, [*known, *manager.environments()], manager.failure_note())


def _show_entry(console: Console, kind: str, entry: Entry) -> None:
    _heading(console, entry.name, kind.removesuffix("s"))
    for text in (entry.summary, entry.reference):
        if text:
            console.print(text)
    console.print(f"{entry.target}, from plugin {entry.plugin}", style="dim")
    config = entry.load_config()
    if config is None:
        console.print(_explanation(entry), soft_wrap=True)
    else:
        console.print(_options_table(config))


def _options_table(config: type) -> Table:
    table = Table(box=None, pad_edge=False)
    for heading, style in (("option", "cyan"), ("default", ""), ("explanation", "")):
        table.add_column(heading, style=style, no_wrap=heading == "option")
    for option in options.describe(config):
        table.add_row(option.name, Text(str(option.default)), Text(option.explanation))
    return table


def _explanation(entry: Entry) -> str:
    """What the code itself says: a command's help, or the signature and docstring."""
    target = entry.load()
    if isinstance(target, click.Command):
        return target.get_help(click.Context(target, info_name=f"csai {as_typed(entry.name)}"))
    return _signature_and_docstring(target)


def _show_environment(console: Console, spec: EnvSpec) -> None:
    plugin = installed().environment_plugin(spec.id)
    _heading(console, spec.id, "environment")
    console.print(f"{spec.entry_point}, from {f'plugin {plugin}' if plugin else 'Gymnasium'}", style="dim")
    if spec.kwargs:
        console.print("made with " + ", ".join(f"{name}={value!r}" for name, value in spec.kwargs.items()))
    if spec.max_episode_steps is not None:
        console.print(f"truncated after {spec.max_episode_steps} steps")
    console.print(_signature_and_docstring(_creator(spec)), soft_wrap=True)


def _creator(spec: EnvSpec) -> Any:
    if not isinstance(spec.entry_point, str):
        return spec.entry_point
    try:
        return gymnasium.envs.registration.load_env_creator(spec.entry_point)
    except (Exception, SystemExit) as error:  # whatever a stranger's module does at import
        raise PluginError(
            f"The environment {spec.id!r} is at {spec.entry_point!r}, "
            f"but that cannot be imported: {type(error).__name__}: {error}"
        ) from error


def _signature_and_docstring(target: Any) -> str:
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):  # some callables written in C do not tell
        return inspect.getdoc(target) or ""
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    signature = signature.replace(parameters=bare, return_annotation=signature.empty)
    return f"\n{getattr(target, '__name__', '')}{signature}\n\n{inspect.getdoc(target) or ''}"


def _heading(console: Console, name: str, kind: str) -> None:
    console.print(Text.assemble((name, "bold cyan"), f"  {kind}"))
