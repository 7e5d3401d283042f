"""Arguments and options of commands as people type them, through the one resolver."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from csai_core.commands import resolver


class Name(click.ParamType[str]):
    """An argument that names something; what was typed becomes the exact name.

    Args:
        kind: what it names.
        resolve: from what was typed to the name.
    """

    def __init__(self, kind: str, resolve: Callable[[str], str]) -> None:
        self.name = kind
        self._resolve = resolve

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The exact name."""
        return self._resolve(str(value))


ENVIRONMENT = Name("environment", resolver.environment)
"""The id of an environment."""


NETWORK = Name("network", resolver.network)
"""A registered network, a file of one, or module:name."""


def entry_of(kind: str) -> Name:
    """The name of an entry of a kind, such as "algorithms"."""
    return Name(kind.removesuffix("s"), lambda typed: resolver.entry(kind, typed))


class TypedCommand(click.Command):
    """A command that understands short forms of its options: --lr is --learning-rate.

    What was typed stands in the context's `meta`, as "arguments".
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse; an option that there is not is replaced by the one that it means, if it means one."""
        words = list(args)
        ctx.meta["arguments"] = [*args]
        while True:
            try:
                return super().parse_args(ctx, list(words))
            except click.NoSuchOption as error:
                words = self._reworded(ctx, words, error)

    def _reworded(self, ctx: click.Context, words: list[str], error: click.NoSuchOption) -> list[str]:
        """The command line with the exact option.

        Raises:
            NoSuchOption: if there is no option that can be meant, with the nearest.
        """
        forms = forms_of(self.get_params(ctx))
        place, typed = _place_of(error.option_name, words)
        meant = resolver.matches(typed, forms)
        if place is None or not meant:
            near = resolver.nearest(typed, forms)
            cue = f" Did you mean {near!r}?" if near else ""
            raise click.NoSuchOption(typed, f"No such option {typed!r}.{cue}", ctx=ctx) from error
        _, equals, value = words[place].partition("=")
        exact = resolver.choose("option", typed, forms)
        return [*words[:place], f"{exact}{equals}{value}", *words[place + 1 :]]


def forms_of(options: Iterable[click.Parameter]) -> dict[str, list[str]]:
    """The long forms of options, each with the initials of its words: --learning-rate, and lr."""
    flags = [flag for option in options for flag in (*option.opts, *option.secondary_opts)]
    return {flag: [_initials(flag)] for flag in flags if flag.startswith("--")}


def _place_of(option: str, words: list[str]) -> tuple[int | None, str]:
    """Which word of the command line was no option, and the option in it as it was typed.

    Of -lr, click sees -l.
    """
    for place, word in enumerate(words):
        typed = word.partition("=")[0]
        is_cluster = not option.startswith("--") and typed.startswith(option) and not typed.startswith("--")
        if typed == option or is_cluster:
            return place, typed
    return None, option


def _initials(flag: str) -> str:
    return "".join(word[0] for word in flag.split("-") if word)
