"""The settings of a wrapper: which it has, which it needs, and which can be typed."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Any

from csai_core.docstrings import explained_arguments
from csai_core.environments import parameters_of
from csai_core.errors import ConfigError, UnknownNameError
from csai_core.options import Option

_FUNCTION = re.compile(r"(<class ')?([A-Za-z_]+\.)*Callable\b")
"""How the annotation of what must be a function begins."""
NEEDED = inspect.Parameter.empty
"""The default of a setting that has none."""


def settings_of(wrapper: Any) -> list[Option]:
    """The settings of a wrapper, a class or a function, as it explains them; what it needs has `NEEDED`."""
    explained = explained_arguments(wrapper)
    return [
        Option(name, each.annotation, each.default, explained.get(name, ""))
        for name, each in parameters_of(wrapper).items()
        if name != "env"
    ]


def example_of(name: str, wrapper: Any) -> str:
    """How a wrapper is typed, with what it needs; empty if that is a function, which nobody can type."""
    needed = [each for each in settings_of(wrapper) if each.default is NEEDED]
    if any(_is_function(each, None) for each in needed):
        return ""
    return ":".join([name, *(f"{each.name}=…" for each in needed)])


def takes_env(wrapper: Any) -> bool:
    """Whether something can be given an environment to wrap, which Gymnasium gives by the name `env`."""
    try:
        return callable(wrapper) and "env" in parameters_of(wrapper)
    except (TypeError, ValueError):  # some callables written in C do not tell
        return False


def check_settings(wrapper: Any, name: str, typed: str, settings: Mapping[str, Any]) -> None:
    """Refuse settings that a wrapper does not have, and a wrapper that lacks one, as it was typed.

    Args:
        wrapper: its class, or a function.
        name: what it is called.
        typed: what was typed for it.
        settings: what was typed with it.

    Raises:
        UnknownNameError: if it has no such setting, with the nearest.
        ConfigError: if one is lacking, or must be a function, which nobody can type.
    """
    if not takes_env(wrapper):
        raise ConfigError(
            f"The wrapper {name} cannot be used, as it has no parameter 'env'; Gymnasium gives the "
            "environment by that name."
        )
    options = {each.name: each for each in settings_of(wrapper)}
    if unknown := [each for each in settings if each not in options]:
        raise UnknownNameError.of(f"setting of {name}", unknown[0], options)
    lacking = [each for each, option in options.items() if option.default is NEEDED and each not in settings]
    functions = [each for each in (*settings, *lacking) if _is_function(options[each], settings.get(each))]
    if functions:
        raise ConfigError(
            f"The wrapper {name} needs a function for {functions[0]}, and no function can be typed. Such a "
            "wrapper goes in Python: write a class that derives from it and says the function, and type "
            "that, as --wrap my_wrappers:MyWrapper; or train in an environment that is wrapped already."
        )
    if lacking:
        example = ":".join([typed, *(f"{each}=…" for each in lacking)])
        raise ConfigError(f"The wrapper {name} needs {' and '.join(lacking)}: {example}")


def _is_function(option: Option, value: object) -> bool:
    """Whether a setting must be a function, and is given none; None may stand for one that is left out."""
    annotation = option.type if isinstance(option.type, str) else str(option.type)
    may_be_left_out = value is None and option.default is not NEEDED
    return bool(_FUNCTION.match(annotation.strip("'"))) and not callable(value) and not may_be_left_out
