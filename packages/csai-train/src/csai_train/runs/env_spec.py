"""An environment's specification as plain values in a run, and back again.

A run may come from a stranger, so its file is not believed in what code to import: the environment is
the registered one of that id, and wrappers come from Gymnasium or from where the environment does.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, WrapperSpec

from csai_core.environments import find_spec
from csai_core.errors import UnknownNameError
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
from csai_train.errors import RunError

SCHEMA: Schema = {
    "id": is_text,
    "entry_point": is_text,
    "kwargs": is_object,
    "max_episode_steps": optional(is_count),
    "order_enforce": is_truth,
    "disable_env_checker": is_truth,
    "nondeterministic": is_truth,
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
    entry_point = spec.entry_point if isinstance(spec.entry_point, str) else repr(spec.entry_point)
    wrappers = [asdict(wrapper) for wrapper in spec.additional_wrappers]
    described = {"id": spec.id, "entry_point": entry_point, "wrappers": wrappers}
    described |= {name: getattr(spec, name) for name in _CHOSEN}
    for wrapper in spec.additional_wrappers:
        if wrapper.kwargs is None:
            raise RunError(
                f"A run of {spec.id} cannot be kept, as its wrapper {wrapper.name} cannot be made again; it "
                "must inherit from gymnasium.utils.RecordConstructorArgs."
            )
    try:
        plain: dict[str, Any] = json.loads(json.dumps(described))
    except (TypeError, ValueError) as error:
        raise RunError(f"A run of {spec.id} cannot be kept: {error} (in {described}).") from error
    return plain


def restore(described: Mapping[str, Any]) -> EnvSpec:
    """The specification that `describe` was given.

    Raises:
        UnknownNameError: if no environment of that id is registered.
        RunError: if the registered one is another, or a wrapper is not one.
    """
    environment_id, entry_point = described["id"], described["entry_point"]
    if ":" in environment_id:  # Gymnasium would import what stands before it
        raise RunError(f"A run names the environment {environment_id!r}, which is not an id.")
    try:
        spec = find_spec(environment_id)
    except UnknownNameError as error:
        module = entry_point.partition(":")[0]
        raise UnknownNameError(
            f"The run was made in {environment_id} of {entry_point}, which nothing registers here. "
            f"If you trust that, import it first: --import {module}."
        ) from error
    if isinstance(spec.entry_point, str) and spec.entry_point != entry_point:
        raise RunError(
            f"The run was made in {environment_id} of {entry_point}, but here that is {spec.entry_point}."
        )
    known = [*spec.additional_wrappers]
    wrappers = tuple(_wrapper(each, known, str(spec.entry_point)) for each in described["wrappers"])
    return replace(spec, **{name: described[name] for name in _CHOSEN}, additional_wrappers=wrappers)


def _wrapper(described: Mapping[str, Any], known: list[WrapperSpec], entry_point: str) -> WrapperSpec:
    wrapper = WrapperSpec(described["name"], described["entry_point"], described["kwargs"])
    module, _, name = wrapper.entry_point.partition(":")
    package = module.partition(".")[0]
    if wrapper in known:
        return wrapper
    trusted = {"gymnasium", "csai_core", "csai_train", entry_point.partition(".")[0].partition(":")[0]}
    found = getattr(importlib.import_module(module), name, None) if package in trusted else None
    if not (isinstance(found, type) and issubclass(found, gymnasium.Wrapper)):
        raise RunError(
            f"The run asks for the wrapper {wrapper.entry_point}, which is not one of {sorted(trusted)}. "
            "Runs with other wrappers can be opened by registering the environment with them."
        )
    return wrapper
