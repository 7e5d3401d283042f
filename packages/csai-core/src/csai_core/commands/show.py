"""`csai show`: one thing that a plugin offers, explained."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import gymnasium
from gymnasium.envs.registration import EnvSpec
from rich.console import Console
from rich.text import Text

from csai_core import options, presets, wrapping
from csai_core.commands import resolver
from csai_core.commands.output import console, json_option, print_json, print_rows
from csai_core.commands.typed import TypedCommand
from csai_core.docstrings import prose
from csai_core.environments import find_spec
from csai_core.errors import PluginError, said
from csai_core.plugins import Entry, installed
from csai_core.plugins.entry import as_typed
from csai_core.schedules import WHAT_MAY_CHANGE
from csai_core.terminal import printable
from csai_core.wrapping.settings import NEEDED, example_of, settings_of

_RUNS = Path("runs")


@click.command(cls=TypedCommand)
@click.argument("name", required=False)
@json_option
@click.pass_context
def show(context: click.Context, name: str | None, as_json: bool) -> None:
    """Explain NAME: an environment, anything else that `csai list` lists, or a run; else the newest run.

    As JSON it is a list with an object for each thing of that name. All have kind, name, plugin, full_name,
    options and explanation; environments entry_point, max_episode_steps and presets; others summary,
    reference, aliases, target, observation_spaces, action_spaces and typed, which is how --wrap names one.
    """
    entries = resolver.named(name, resolver.entry_kinds()) if name else []
    if not entries and _means_run(name):  # whoever trains knows what stands in a run
        command = installed().find("commands", "show_run").load()
        words = [*([name] if name else []), *(["--json"] if as_json else [])]
        with command.make_context("show-run", words, parent=context) as inner:
            command.invoke(inner)
        return
    if not entries:
        chosen = _environment_or_entry(str(name))
        entries = resolver.named(chosen, resolver.entry_kinds())
    described = [_about_entry(kind, entry) for kind, entry in entries] or [_about(chosen)]
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
    return Path(name).is_dir() or name.endswith(".zip") or any(run.name.startswith(name) for run in in_runs)


def _environment_or_entry(typed: str) -> str:
    """The exact name of what is meant."""
    if ":" in typed or "/" in typed:
        return resolver.environment(typed)
    things = resolver.everything(resolver.entry_kinds())
    if not resolver.matches(typed, things):
        things |= dict.fromkeys(wrapping.gymnasiums(), ())
        wrapping.check_left(typed)
    return resolver.choose("thing", typed, things, note=installed().failure_note())


def _about(name: str) -> dict[str, Any]:
    return _about_gymnasiums(name) if name in wrapping.gymnasiums() else _about_environment(name)


def _about_entry(kind: str, entry: Entry) -> dict[str, Any]:
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
        "full_name": f"{entry.plugin}:{entry.name}",
        "options": _options(kind, entry),
        "typed": example_of(resolver.shortest(kind, entry), entry.load()) if kind == "wrappers" else "",
        "explanation": _explanation(kind, entry) if entry.config is None else "",
    }


def _options(kind: str, entry: Entry) -> list[dict[str, Any]]:
    """The fields of a config, or the settings of a wrapper."""
    config = entry.load_config()
    if kind == "wrappers":
        return _listed(settings_of(entry.load()))
    return [] if config is None else _listed(options.describe(config))


def _listed(described: Iterable[options.Option]) -> list[dict[str, Any]]:
    return [
        {
            "name": each.name,
            "default": None if each.default is NEEDED else each.default,
            "is_needed": each.default is NEEDED,
            "explanation": each.explanation,
            "may_change": each.may_change,
            "range": None if each.range is None else str(each.range),
        }
        for each in described
    ]


def _about_gymnasiums(name: str) -> dict[str, Any]:
    """One of the wrappers that come with Gymnasium, described as those of plugins are."""
    entry = Entry(name="wrapper", target=wrapping.gymnasiums()[name])
    own = {"name": name, "plugin": None, "full_name": name, "typed": example_of(name, entry.load())}
    return {**_about_entry("wrappers", entry), **own}


def _explanation(kind: str, entry: Entry) -> str:
    """What the code itself says: a command's help, or the signature and docstring; of presets, for where."""
    target = entry.load()
    if kind == "wrappers":
        return prose(target.__doc__ or "")  # not that of Gymnasium's, which it derives from
    if hasattr(target, "iterdir"):
        return f"for {', '.join(presets.environment_ids(target))}"
    if isinstance(target, click.Command):
        root = click.get_current_context().find_root()
        typed = as_typed(resolver.shortest(kind, entry))
        return target.get_help(click.Context(target, info_name=typed, parent=root))
    return _signature_and_docstring(target)


def _about_environment(name: str) -> dict[str, Any]:
    spec = find_spec(name)
    plugin = installed().environment_plugin(spec.id)
    return {
        "kind": "environment",
        "name": spec.id,
        "entry_point": spec.entry_point,
        "plugin": plugin,
        "full_name": spec.id if plugin is None else f"{plugin}:{spec.id.rpartition(':')[2]}",
        "options": spec.kwargs,
        "max_episode_steps": spec.max_episode_steps,
        "presets": [
            {
                "name": preset.name,
                "plugin": preset.plugin,
                "algorithm": preset.algorithm,
                "total_steps": preset.total_steps,
                "result": preset.result,
            }
            for preset in presets.of_environment(spec.id)
        ],
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
    for preset in about["presets"]:
        on.print(_preset_in_words(preset), soft_wrap=True)


def _preset_in_words(preset: dict[str, Any]) -> Text:
    name = f"{preset['plugin']}:{preset['name']}"
    result = f"; it has reached {preset['result']}" if preset["result"] else ""
    facts = f" trains {preset['algorithm']} for {preset['total_steps']:,} steps{result}"
    return Text.assemble("preset ", (printable(name), "cyan"), printable(facts))


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
    origin = f"plugin {about['plugin']}" if about["plugin"] else "Gymnasium"
    on.print(f"{about['target']}, from {origin}", style="dim")
    if about["kind"] == "wrapper":
        on.print(
            f"typed as --wrap {about['typed']}"
            if about["typed"]
            else "needs a function, which cannot be typed: derive a class from it that says the function"
        )
    if about["options"]:
        rows = [
            (
                Text(each["name"], "cyan"),
                "(needed)" if each["is_needed"] else str(each["default"]),
                f"{each['explanation']}{' May change.' if each['may_change'] else ''}".strip(),
            )
            for each in about["options"]
        ]
        print_rows(on, ("option", "default", "explanation"), rows, wraps="explanation")
        if any(each["may_change"] for each in about["options"]):
            on.print(f"\n{WHAT_MAY_CHANGE}", soft_wrap=True)


def _creator(spec: EnvSpec) -> Any:
    if not isinstance(spec.entry_point, str):
        return spec.entry_point
    try:
        return gymnasium.envs.registration.load_env_creator(spec.entry_point)
    except (Exception, SystemExit) as error:  # whatever a stranger's module does at import
        raise PluginError(
            f"The environment {spec.id!r} is at {spec.entry_point!r}, "
            f"but that cannot be imported: {said(error)}"
        ) from error


def _signature_and_docstring(target: Any) -> str:
    try:
        signature = inspect.signature(target)
    except (TypeError, ValueError):  # some callables written in C do not tell
        return inspect.getdoc(target) or ""
    bare = [each.replace(annotation=each.empty) for each in signature.parameters.values()]
    signature = signature.replace(parameters=bare, return_annotation=signature.empty)
    return f"\n{getattr(target, '__name__', '')}{signature}\n\n{inspect.getdoc(target) or ''}"
