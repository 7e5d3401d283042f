"""Wrappers by name: from `TimeLimit:max_episode_steps=50`, as people type it, to what can be made again.

A name is looked for among the wrappers that plugins offer, then among Gymnasium's own, then in the package
of the environment; `plugin:name` and `module:Class` say where it is, and `module:function` a function that is
given an environment and gives it wrapped.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

import gymnasium
from gymnasium.envs.registration import EnvSpec, WrapperSpec

from csai_core import trust
from csai_core.environments import home_of
from csai_core.errors import ConfigError, PluginError, UnknownNameError
from csai_core.literals import once_each, value_of
from csai_core.plugins import Entry, installed
from csai_core.wrapping.settings import check_settings, takes_env

_SETTING = re.compile(r":(?=[A-Za-z_]\w*=)")
"""Where a setting begins; other colons belong to the name, or to a value."""
_GYMNASIUM = "gymnasium.wrappers"
LEFT_TO_CSAI = {
    "Autoreset": "csai resets episodes itself",
    "HumanRendering": "csai watch shows games",
    "RecordVideo": "csai watch --gif FILE records games",
    "RenderCollection": "csai watch --gif FILE records games",
}
"""Wrappers of Gymnasium that a run cannot have, as they write files, open windows or start new episodes."""


def parse(typed: str) -> tuple[str, dict[str, Any]]:
    """The name of a wrapper such as `TimeLimit:max_episode_steps=50`, and its settings.

    Raises:
        ConfigError: if a setting comes twice.
    """
    name, *settings = _SETTING.split(typed)
    pairs = (setting.partition("=") for setting in settings)
    told = once_each(f"The wrapper {typed}", ((key, text) for key, _, text in pairs))
    return name, {key: value_of(text) for key, text in told.items()}


def names(spec: EnvSpec) -> dict[str, str]:
    """The wrappers that have a short name around an environment, each with its `module:Class`."""
    plugins = {name: entry.target for name, entry in installed().entries("wrappers").items()}
    beside = map(_wrappers_in, reversed(_modules_of(spec)))
    return {name: target for found in (*beside, gymnasiums(), plugins) for name, target in found.items()}


def gymnasiums() -> dict[str, str]:
    """The wrappers of Gymnasium by their names, each with its `module:Class`."""
    return _wrappers_in(importlib.import_module(_GYMNASIUM))


def _wrappers_in(module: ModuleType) -> dict[str, str]:
    return {name: f"{module.__name__}:{name}" for name, value in vars(module).items() if _is_wrapper(value)}


def specify_wrapper(typed: str | WrapperSpec, spec: EnvSpec) -> WrapperSpec:
    """How to make a wrapper, whether or not its class records its arguments.

    Args:
        typed: a name with settings, exactly as it is: `FlattenObservation`, `TimeLimit:max_episode_steps=50`,
            `plugin:name`, `module:Class`; what is specified already stays as it is.
        spec: of the environment to wrap.

    Raises:
        UnknownNameError: if there is no such wrapper, or it has no such setting, with the nearest.
        DuplicateNameError: if several plugins offer that name, with their full names.
        PluginError: if a module cannot be imported.
        ConfigError: if it is no wrapper, or cannot be made with these settings.
    """
    if isinstance(typed, WrapperSpec):
        return typed
    name, settings = parse(typed)
    wrapper = _registered(name, settings) or _named(name, settings, spec) or _of_module(name, settings)
    if wrapper is None:
        check_left(name)
        raise UnknownNameError.of("wrapper", name, names(spec), installed().failure_note())
    module, _, attribute = wrapper.entry_point.partition(":")
    check_settings(getattr(importlib.import_module(module), attribute), wrapper.name, name, settings)
    return wrapper


def check_left(name: str) -> None:
    """Refuse a wrapper of Gymnasium that is left to csai.

    Raises:
        ConfigError: saying what does its work.
    """
    if why := LEFT_TO_CSAI.get(name):
        raise ConfigError(f"The wrapper {name} cannot be used: {why}.")


def check_wrappers(owner: str, wrappers: object) -> None:
    """Refuse what is no list of wrappers.

    Raises:
        ConfigError: saying what it must be.
    """
    given = wrappers if isinstance(wrappers, (list, tuple)) else [None]
    if not all(isinstance(each, (str, WrapperSpec)) for each in given):
        raise ConfigError(
            f"{owner} was given wrappers={wrappers!r}; it must be a list of names, such as "
            "['FlattenObservation'], or of gymnasium's WrapperSpecs."
        )


def with_wrappers(spec: EnvSpec, wrappers: Sequence[str | WrapperSpec]) -> EnvSpec:
    """A specification with more wrappers, the last of them outermost; see `specify_wrapper` for errors.

    A module that is said here, as `module:Class`, a run that this process opens may ask for too.
    """
    check_wrappers(spec.id, wrappers)
    more = [specify_wrapper(each, spec) for each in wrappers]
    for asked, made in zip(wrappers, more, strict=True):
        if isinstance(asked, str) and parse(asked)[0] == made.entry_point:
            trust.note(made.entry_point.partition(":")[0])
    return replace(spec, additional_wrappers=(*spec.additional_wrappers, *more))


def admit(wrapper: WrapperSpec, spec: EnvSpec) -> WrapperSpec:
    """A wrapper that a file asks for, if that may be made.

    It may, if the environment is registered with it, a plugin offers it, Gymnasium or csai has it, it stands
    where the environment's own package keeps its wrappers, or a person has typed its module. What is named
    `plugin:name` must be that plugin's.

    Raises:
        UntrustedModuleError: if it is none of these.
        ConfigError: if there is no such wrapper.
    """
    if wrapper in spec.additional_wrappers:
        return wrapper
    module, _, name = wrapper.entry_point.partition(":")
    why = f"The run asks for the wrapper {wrapper.entry_point}"
    if ":" in wrapper.name:
        if entry := offered(wrapper.name):
            return replace(wrapper, entry_point=entry.target)
        raise ConfigError(f"{why} by the name {wrapper.name!r}, which no plugin offers here.")
    try:
        if not _is_at_hand(module, spec):
            trust.import_trusted(module, f"{why}. {trust.advice(module)}".rstrip())
        found = getattr(importlib.import_module(module), name, None)
    except (ImportError, gymnasium.error.DependencyNotInstalled):
        found = None
    if not (_is_wrapper(found) or (_is_function(found) and trust.is_typed(module))):
        raise ConfigError(f"{why}, which it cannot have.")
    return wrapper


def _is_at_hand(module: str, spec: EnvSpec) -> bool:
    """Whether a module is where the package of an environment keeps what it is made of, and there already."""
    packages = {each.__name__.partition(".")[0] for each in _modules_of(spec)}
    return module in sys.modules and module.partition(".")[0] in packages


def _registered(name: str, settings: dict[str, Any]) -> WrapperSpec | None:
    """What a plugin offers by a name."""
    entry = offered(name)
    return WrapperSpec(f"{entry.plugin}:{entry.name}", entry.target, settings) if entry else None


def offered(name: str) -> Entry | None:
    """What a plugin offers by a name, alone or as `plugin:name`; None if none does.

    Raises:
        DuplicateNameError: if several do, with their full names.
    """
    try:
        return installed().find("wrappers", name)
    except UnknownNameError:
        return None


def _named(name: str, settings: dict[str, Any], spec: EnvSpec) -> WrapperSpec | None:
    target = names(spec).get(name)
    return WrapperSpec(name, target, settings) if target else None


def _of_module(name: str, settings: dict[str, Any]) -> WrapperSpec | None:
    module, colon, attribute = name.rpartition(":")
    if not colon:
        return None
    if not trust.is_name(module):
        raise PluginError(f"The wrapper {name} cannot be imported: {trust.complaint(module)}")
    try:
        found = getattr(importlib.import_module(module), attribute, None)
    except (ImportError, ValueError, TypeError) as error:
        raise PluginError(
            f"The wrapper {name} cannot be imported from {module!r}: {error}. Settings look like "
            "NAME:key=value."
        ) from error
    if not (_is_wrapper(found) or _is_function(found)):
        what = "is no gymnasium.Wrapper that csai uses, nor a function of an env"
        what = "is not there" if found is None else what
        raise ConfigError(f"The wrapper {name} cannot be used, as {attribute} of {module} {what}.")
    return WrapperSpec(attribute, name, settings)


def _modules_of(spec: EnvSpec) -> list[ModuleType]:
    """Where an environment's package may keep wrappers: its `wrappers`, itself, and the class's module."""
    home = home_of(spec)
    package = home.partition(".")[0]
    if not package or package == "gymnasium":
        return []
    wrappers = f"{package}.wrappers"
    found = []
    for name in dict.fromkeys((wrappers, package, home)):
        try:
            if name != wrappers or importlib.util.find_spec(name):
                found.append(importlib.import_module(name))
        except ImportError:
            continue  # the environment itself says what is missing
    return found


def _is_function(value: object) -> bool:
    """Whether something may be a function that is given an environment and gives it wrapped."""
    return inspect.isroutine(value) and takes_env(value)


def _is_wrapper(value: object) -> bool:
    """Whether something is a class of wrappers, and none that is left to csai."""
    if not (isinstance(value, type) and issubclass(value, gymnasium.Wrapper)):
        return False
    is_left = value.__name__ in LEFT_TO_CSAI and value.__module__.startswith(f"{_GYMNASIUM}.")
    return value.__module__ != "gymnasium.core" and not is_left
