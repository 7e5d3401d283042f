"""`--env width=8` and `--wrap NAME`: options and wrappers of an environment, as they are typed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import click

from csai_core import wrapping
from csai_core.environments import find_spec, options_of
from csai_core.errors import ConfigError
from csai_core.literals import once_each, value_of


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
    typed = []
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not (separator and name.isidentifier()):
            raise click.UsageError(f"--env was given {pair!r}; it must look like width=8.")
        typed.append((name, text))
    return {name: value_of(text) for name, text in once_each("--env", typed).items()}


env_option = click.option(
    "--env",
    "env_options",
    metavar="KEY=VALUE",
    multiple=True,
    callback=_parse,
    help="An option of the environment, such as width=8; may be given several times.",
)
"""Adds `--env`, given any number of times, as the argument `env_options`, a dict."""


def _specified(ctx: click.Context, parameter: click.Parameter, typed: Iterable[str]) -> tuple[str, ...]:
    """The wrappers as they are typed, once it is known that each has a name."""
    for text in typed:
        if not wrapping.parse(text)[0].strip(":. "):
            raise click.UsageError(f"--wrap was given {text!r}; it must look like FlattenObservation.")
    return tuple(typed)


wrap_option = click.option(
    "--wrap",
    "wrappers",
    metavar="NAME[:KEY=VALUE]",
    multiple=True,
    callback=_specified,
    help="Wrap the environment, such as in TimeLimit:max_episode_steps=50; the last is the outermost.",
)
"""Adds `--wrap`, given any number of times, as the argument `wrappers`, what was typed."""
