"""`--search learning_rate,gamma=0.9..0.99`: what a search may change, and where, as it is typed."""

from __future__ import annotations

import click

from csai_core.errors import ConfigError
from csai_core.options import Option, describe
from csai_core.plugins import installed
from csai_core.ranges import Choices, Range
from csai_train.commands.config_options import value_for


def _search(
    ctx: click.Context, parameter: click.Parameter, typed: str | None
) -> dict[str, Range | Choices | None] | None:
    """What was typed, by the names of settings; None where nothing was."""
    if typed is None:
        return None
    algorithm = ctx.meta.get("algorithm")
    config_class = installed().find("algorithms", algorithm).load_config() if algorithm else None
    if config_class is None:
        raise click.UsageError("--search names settings of an algorithm; say which with --algorithm.")
    options = {option.name: option for option in describe(config_class)}
    found: dict[str, Range | Choices | None] = {}
    for part in typed.split(","):
        typed_name, equals, text = (each.strip() for each in part.partition("="))
        name = typed_name.removeprefix("--").replace("-", "_")
        name = name if name in options else typed_name  # which is told to be none, as it was typed
        found[name] = _range(options[name], text) if equals and name in options else None
    return found


def _range(option: Option, text: str) -> Range | Choices:
    """What was typed for a setting: LOW..HIGH, on the scale that the setting says itself, or A|B."""
    low, dots, high = text.partition("..")
    values = [value_for(option, each.strip()) for each in ([low, high] if dots else text.split("|"))]
    if not dots:
        return Choices(*values)
    scale = option.range.scale if isinstance(option.range, Range) else "linear"
    try:
        return Range(values[0], values[1], scale)
    except ConfigError as error:
        raise click.UsageError(f"--search {option.name}={text}: {error}") from error


search_option = click.option(
    "--search",
    metavar="NAMES",
    callback=_search,
    help="What to search, such as learning_rate,gamma, or with ranges: learning_rate=1e-4..1e-2,n_step=1|3."
    " [default: what says where, and is not given]",
)
"""Adds `--search` as an argument, as `tune` takes it."""
