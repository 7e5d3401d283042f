"""`csai show`: one thing that a plugin offers, explained."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import click
import gymnasium
from gymnasium.envs.registration import EnvSpec
from rich.console import Console
from rich.text import Text

from csai_core import options
from csai_core.commands import resolver
from csai_core.commands.output import console, json_option, print_json, print_rows
from csai_core.commands.typed import TypedCommand
from csai_core.environments import find_spec
from csai_core.errors import PluginError, UnknownNameError
from csai_core.plugins import KINDS, Entry, installed
from csai_core.plugins.entry import as_typed

_ENTRY_KINDS = [kind for kind in KINDS if kind != "environments"]
_RUNS = Path("runs")


@click.command(cls=TypedCommand)
@click.argument("name", required=False)
@json_option
@click.pass_context
def show(context: click.Context, name: str | None, as_json: bool) -> None:
    """Explain NAME: an environment, anything else that `csai list` lists, or a run; else the newest run.

    As JSON it is a list with an object for each thing of that name. All have kind, name, plugin, options and
    explanation; environments entry_point and max_episode_steps; others summary, reference, aliases, target,
    observation_spaces and action_spaces.
    """
    entries = _entries_named(name) if name else []
    if not entries and _means_run(name):  # whoever trains knows what stands in a run
        command = installed().find("commands", "show_run").load()
        words = [*([name] if name else []), *(["--json"] if as_json else [])]
        with command.make_context("show-run", words, parent=context) as inner:
            command.invoke(inner)
        return
    if not entries:
        chosen = _environment_or_entry(str(name))
        entries = _entries_named(chosen)
    described = [_about_entry(kind, entry) for kind, entry in entries] or [_about_environment(chosen)]
    if as_json:
        print_json(described)
    else:
        for about in described:
            _print(console(markup=False), about)


def _means_run(name: str | None) -> bool:
    """Whether it is a run that shall be explained."""
    if not name:
        return name is None and "show_run" in installed().entries("commands")
    in_runs = _RUNS.iterdir() if _RUNS.is_dir() else ()
    return Path(name).is_dir() or any(run.name.startswith(name) for run in in_runs)


def _entries_named(name: str) -> list[tuple[str, Entry]]:
    """What goes by a name, of every kind but environments."""
    found = []
    for kind in _ENTRY_KINDS:
        try:
            found.append((kind, installed().find(kind, name)))
        except UnknownNameError:
            continue
    return found


def _environment_or_entry(typed: str) -> str:
    """The exact name of what is meant."""
    if ":" in typed or "/" in typed:
        return resolver.environment(typed)
    return resolver.choose("thing", typed, resolver.everything(_ENTRY_KINDS), note=installed().failure_note())


def _about_entry(kind: str, entry: Entry) -> dict[str, Any]:
    config = entry.load_config()
    described = [] if config is None else options.describe(config)
    return {
        "kind": kind.removesuffix("s"),
        "name": entry.name,
        "summary": entry.summary,
        "reference": entry.reference,
        "aliases": entry.aliases,
        "observation_spaces": entry.observation_spaces,
        "action_spaces": entry.action_spaces,
        "target": entry.target,
        "plugin": entry.plugin,
        "options": [
            {"name": each.name, "default": each.default, "explanation": each.explanation}
            for each in described
        ],
        "explanation": _explanation(entry) if config is None else "",
    }


def _explanation(entry: Entry) -> str:
    """What the code itself says: a command's help, or the signature and docstring."""
    target = entry.load()
    if isinstance(target, click.Command):
        return target.get_help(click.Context(target, info_name=f"csai {as_typed(entry.name)}"))
    return _signature_and_docstring(target)


def _about_environment(name: str) -> dict[str, Any]:
    spec = find_spec(name)
    return {
        "kind": "environment",
        "name": spec.id,
        "entry_point": spec.entry_point,
        "plugin": installed().environment_plugin(spec.id),
        "options": spec.kwargs,
        "max_episode_steps": spec.max_episode_steps,
        "explanation": _signature_and_docstring(_creator(spec)),
    }


def _print(on: Console, about: dict[str, Any]) -> None:
    on.print(Text.assemble((about["name"], "bold cyan"), f"  {about['kind']}"), soft_wrap=True)
    (_print_environment if about["kind"] == "environment" else _print_entry)(on, about)
    if about["explanation"]:
        on.print(about["explanation"], soft_wrap=True)


def _print_environment(on: Console, about: dict[str, Any]) -> None:
    origin = f"plugin {about['plugin']}" if about["plugin"] else "Gymnasium"
    on.print(f"{about['entry_point']}, from {origin}", style="dim")
    if about["options"]:
        on.print("made with " + ", ".join(f"{name}={value!r}" for name, value in about["options"].items()))
    if about["max_episode_steps"] is not None:
        on.print(f"truncated after {about['max_episode_steps']} steps")


def _print_entry(on: Console, about: dict[str, Any]) -> None:
    facts = [about["summary"], about["reference"]]
    labels = {
        "observation_spaces": "takes observations of",
        "action_spaces": "takes actions of",
        "aliases": "also typed as",
    }
    facts += [f"{label} {', '.join(about[name])}" for name, label in labels.items() if about[name]]
    for fact in filter(None, facts):
        on.print(fact)
    on.print(f"{about['target']}, from plugin {about['plugin']}", style="dim")
    if about["options"]:
        rows = [
            (Text(each["name"], "cyan"), str(each["default"]), each["explanation"])
            for each in about["options"]
        ]
        print_rows(on, ("option", "default", "explanation"), rows, wraps="explanation")


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
