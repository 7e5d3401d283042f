"""`--env width=8`: options of an environment, as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import click


def _parse(ctx: click.Context, parameter: click.Parameter, pairs: Iterable[str]) -> dict[str, Any]:
    """The options as keyword arguments; values are JSON where they can be, else texts."""
    options: dict[str, Any] = {}
    for pair in pairs:
        name, separator, text = pair.partition("=")
        if not separator:
            raise click.UsageError(f"--env was given {pair!r}; it must look like width=8.")
        try:
            options[name] = json.loads(text)
        except ValueError:
            options[name] = text
    return options


env_option = click.option(
    "--env",
    "env_options",
    metavar="KEY=VALUE",
    multiple=True,
    callback=_parse,
    help="An option of the environment, such as width=8; may be given several times.",
)
"""Adds `--env`, given any number of times, as the argument `env_options`, a dict."""
