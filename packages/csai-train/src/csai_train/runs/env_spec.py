"""An environment's specification as plain values in a run, and back again.

A run may come from a stranger, so its file is not believed in what code to import: the environment is
the registered one of that id, or that of a module which a person has typed on this machine
(`csai_core.trust`), and wrappers are those that `csai_core.wrapping.admit` lets in.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, WrapperSpec

from csai_core import known_packages, trust
from csai_core.environments import find_spec, home_of, register_envs, registrar_of
from csai_core.errors import ConfigError, DuplicateNameError, UnknownNameError
from csai_core.plugins import installed
from csai_core.schema import (
    Schema,
    a_list_of,
    an_object_with,
    is_count,
    is_object,
    is_text,
    is_truth,
    optional,
)
from csai_core.wrapping import admit
from csai_train.errors import RunError
from csai_train.runs.recorded_plugins import RecordedPlugins

SCHEMA: Schema = {
    "id": is_text,
    "entry_point": is_text,
    "kwargs": is_object,
    "max_episode_steps": optional(is_count),
    "order_enforce": is_truth,
    "disable_env_checker": is_truth,
    "nondeterministic": is_truth,
    "module": optional(is_text),
    "plugin": optional(is_text),
    "wrappers": a_list_of(
        an_object_with({"name": is_text, "entry_point": is_text, "kwargs": optional(is_object)})
    ),
}
"""What a described specification holds."""
_CHOSEN = ("kwargs", "max_episode_steps", "order_enforce", "disable_env_checker", "nondeterministic")
"""What of a specification may differ from the registered one."""


def describe(spec: EnvSpec) -> dict[str, Any]:
    """A specification as plain values.

    Raises:
        RunError: if an option or a wrapper cannot be written down.
    """
    entry: Any = spec.entry_point
    entry_point = (
        entry if isinstance(entry, str) else f"{home_of(spec)}:{getattr(entry, '__qualname__', '?')}"
    )
    wrappers = [
        {"name": each.name, "entry_point": each.entry_point, "kwargs": each.kwargs}
        for each in spec.additional_wrappers
    ]
    described = {
        "id": spec.id.rpartition(":")[2],
        "plugin": installed().environment_plugin(spec.id),
        "entry_point": entry_point,
        "wrappers": wrappers,
        "module": registrar_of(spec),
    }
    described |= {name: getattr(spec, name) for name in _CHOSEN}
    for wrapper in spec.additional_wrappers:
        if wrapper.kwargs is None:
            raise RunError(
                f"A run of {spec.id} cannot be kept, as its wrapper {wrapper.name} cannot be made again. Let "
                "it inherit from gymnasium.utils.RecordConstructorArgs, or give train the id and "
                f"wrappers=['{wrapper.entry_point}'] (--wrap)."
            )
    try:
        plain: dict[str, Any] = json.loads(json.dumps(_marked(described)))
    except (TypeError, ValueError) as error:
        raise RunError(f"A run of {spec.id} cannot be kept: {error} (in {described}).") from error
    return plain


def restore(described: Mapping[str, Any], plugins: RecordedPlugins | None = None) -> EnvSpec:
    """The specification that `describe` was given.

    Args:
        described: the plain values.
        plugins: those that were there when it was described; None where nobody knows.

    Raises:
        UnknownNameError: if no environment of that id is registered, with the plugin to install.
        UntrustedModuleError: if the module that would register it, or a wrapper's, is none that a person has
            typed here.
        RunError: if the registered one is another, or a wrapper is not one.
    """
    environment_id, entry_point = described["id"], described["entry_point"]
    if ":" in environment_id:  # Gymnasium would import what stands before it
        raise RunError(f"A run names the environment {environment_id!r}, which is not an id.")
    plugins = plugins or RecordedPlugins({})
    plugin = described.get("plugin")
    if plugin is None:
        spec = _registered(environment_id, described.get("module") or _package(entry_point), entry_point)
    else:
        spec = _of_plugin(plugin, environment_id, entry_point, plugins)
    if isinstance(spec.entry_point, str) and spec.entry_point != entry_point:
        raise RunError(
            f"The run was made in {environment_id} of {entry_point}, but here that is {spec.entry_point}."
        )
    wrappers = tuple(_wrapper(_unmarked(each), spec, plugins) for each in described["wrappers"])
    chosen = {name: _unmarked(described[name]) for name in _CHOSEN}
    return replace(spec, **chosen, additional_wrappers=wrappers)


def _package(entry_point: str) -> str:
    return entry_point.partition(":")[0].partition(".")[0]


def _registered(environment_id: str, module: str, entry_point: str) -> EnvSpec:
    """The registered environment; its module is imported for it, if that is trusted."""
    if found := _at(environment_id, entry_point):
        return found
    try:
        return find_spec(environment_id)
    except UnknownNameError:
        pass
    except DuplicateNameError as error:
        raise RunError(f"The run was made in {environment_id} of {entry_point}. {error}") from error
    made_in = f"The run was made in {environment_id} of {entry_point}, which nothing registers here"
    cue = trust.advice(module) if trust.find(module) else known_packages.note_on(environment_id)
    try:
        trust.import_trusted(module, f"{made_in}. {cue or trust.advice(module)}".rstrip())
        return find_spec(f"{module}:{environment_id}")
    except (ImportError, UnknownNameError) as error:
        raise UnknownNameError(f"{made_in}, nor does the module {module}: {error}") from error


def _of_plugin(plugin: str, environment_id: str, entry_point: str, plugins: RecordedPlugins) -> EnvSpec:
    """What a plugin offers, or the same class as it is registered otherwise, which is told."""
    full_name = f"{plugin}:{environment_id}"
    if installed().environment_id(full_name):
        return find_spec(full_name)
    what = f"the environment {full_name!r}"
    found = _at(environment_id, entry_point)
    if found is None:
        raise UnknownNameError(f"The run was made in {what} of {plugins.lack(plugin)}")
    plugins.tell_instead(what, plugin, f"{found.id}, which is also {entry_point},")
    return found


def _at(environment_id: str, entry_point: str) -> EnvSpec | None:
    """What is registered by an id, alone or as `plugin:id`, and is a certain class."""
    register_envs()
    found = [
        spec
        for name, spec in gymnasium.registry.items()
        if name.rpartition(":")[2] == environment_id and spec.entry_point == entry_point
    ]
    return min(found, key=lambda spec: len(spec.id), default=None)


def _wrapper(described: Mapping[str, Any], spec: EnvSpec, plugins: RecordedPlugins) -> WrapperSpec:
    wrapper = WrapperSpec(described["name"], described["entry_point"], described["kwargs"])
    if ":" in wrapper.name and wrapper not in spec.additional_wrappers:
        entry = plugins.find("wrappers", wrapper.name, wrapper.entry_point)
        wrapper = replace(wrapper, name=f"{entry.plugin}:{entry.name}")
    try:
        return admit(wrapper, spec)
    except ConfigError as error:
        raise RunError(str(error)) from error


_TUPLE = "tuple"
"""The only key of an object that stands for a tuple, which JSON does not have and some wrappers insist on."""


def _marked(value: Any) -> Any:
    """A value in which tuples are objects."""
    if isinstance(value, tuple):
        return {_TUPLE: [_marked(each) for each in value]}
    if isinstance(value, dict):
        return {name: _marked(each) for name, each in value.items()}
    return [_marked(each) for each in value] if isinstance(value, list) else value


def _unmarked(value: Any) -> Any:
    """What `_marked` was given."""
    if isinstance(value, dict):
        if [*value] == [_TUPLE] and isinstance(value[_TUPLE], list):
            return tuple(_unmarked(each) for each in value[_TUPLE])
        return {name: _unmarked(each) for name, each in value.items()}
    return [_unmarked(each) for each in value] if isinstance(value, list) else value
