"""`--env width=8`: options of an environment, as they are typed."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Mapping
from typing import Any

import click

from csai_core.environments import find_spec, options_of
from csai_core.errors import ConfigError

_TYPED_ERRORS = (ValueError, SyntaxError, TypeError, MemoryError, RecursionError)
"""Whatever Python says of a text that is no value."""


def check_env_options(environment_id: str, options: Mapping[str, Any]) -> None:
    """Refuse a text where an option is a number or a truth value by default: "no" would count as true.

    Args:
        environment_id: the environment that shall be made.
        options: what was typed.

    Raises:
        UnknownNameError: if there is no such environment.
        ConfigError: naming the option, what was typed and what it must be.
    """
    defaults = options_of(find_spec(environment_id)) if options else {}
    for name, value in options.items():
        default = defaults.get(name)
        if isinstance(value, str) and isinstance(default, (bool, int, float)):
            wanted = "True or False" if isinstance(default, bool) else "a number"
            raise ConfigError(
                f"--env {name}={value} cannot be understood: {name} of {environment_id} is {default} unless "
                f"told otherwise, so it must be {wanted}."
            )


def _parse(ctx: click.Context, parameter: click.Parameter, pairs: Iterable[str]) -> dict[str, Any]:
    """The options as keyword arguments."""
    options: dict[str, Any] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not (separator and name.isidentifier()):
            raise click.UsageError(f"--env was given {pair!r}; it must look like width=8.")
        options[name] = _value(text)
    return options


def _value(text: str) -> Any:
    """What was typed: JSON, as true or [1, 2]; else Python, as True, None or (1, 2); else the text itself."""
    for read in (json.loads, ast.literal_eval):
        try:
            return read(text)
        except _TYPED_ERRORS:
            continue
    return text


env_option = click.option(
    "--env",
    "env_options",
    metavar="KEY=VALUE",
    multiple=True,
    callback=_parse,
    help="An option of the environment, such as width=8; may be given several times.",
)
"""Adds `--env`, given any number of times, as the argument `env_options`, a dict."""
