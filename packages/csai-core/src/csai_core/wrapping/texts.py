"""Wrappers as texts in files that people write: `TimeLimit:max_episode_steps=50`, as `--wrap` takes it."""

from __future__ import annotations

import importlib
from typing import Any

from gymnasium.envs.registration import EnvSpec, WrapperSpec

from csai_core.errors import CodecError
from csai_core.literals import text_of
from csai_core.wrapping import admit, names, offered, parse, specify_wrapper


def as_text(wrapper: WrapperSpec, spec: EnvSpec) -> str:
    """How a wrapper is typed.

    Args:
        wrapper: with the settings that it has.
        spec: of the environment that it is around.

    Raises:
        CodecError: if that cannot be typed, as a wrapper cannot that does not record its settings.
    """
    settings = wrapper.kwargs
    if settings is None:
        raise CodecError(f"The settings of the wrapper {wrapper.name} are not known.")
    name = _name(wrapper, spec)
    text = ":".join([name, *(f"{key}={text_of(value)}" for key, value in settings.items())])
    if repr(parse(text)) != repr((name, settings)):
        raise CodecError(f"The wrapper {name} has settings that nobody can type: {settings}.")
    return text


def admitted(text: str, spec: EnvSpec) -> WrapperSpec:
    """The wrapper that a file asks for, if that may be made; see `wrapping.admit`.

    Raises:
        UntrustedModuleError: if it takes a module that nobody has typed on this machine.
        CsaiError: as `specify_wrapper`.
    """
    name, settings = parse(text)
    module, colon, attribute = name.rpartition(":")
    if colon and offered(name) is None:
        admit(WrapperSpec(attribute, f"{module}:{attribute}", settings), spec)
    return specify_wrapper(text, spec)


def _name(wrapper: WrapperSpec, spec: EnvSpec) -> str:
    """The shortest name by which that very class is found."""
    if ":" in wrapper.name and offered(wrapper.name):
        return wrapper.name
    short = names(spec).get(wrapper.name)
    return wrapper.name if short and _class(short) is _class(wrapper.entry_point) else wrapper.entry_point


def _class(entry_point: str) -> Any:
    module, _, name = entry_point.partition(":")
    return getattr(importlib.import_module(module), name, None)
