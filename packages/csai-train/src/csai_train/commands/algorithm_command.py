"""A command whose options include those of the algorithm that is asked for on the command line."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from csai_core.plugins import installed
from csai_train import presets
from csai_train.commands.config_options import options_for
from csai_train.commands.run_arguments import open_run

INTERRUPTED = 130
"""The exit status of a program that was stopped by Ctrl-C."""
NOTHING_WRITTEN = "\nStopped before the training began; nothing was written."


class AlgorithmCommand(click.Command):
    """A command whose options include those of the algorithm that is asked for."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        """Parse the command line; Ctrl-C ends that as it ends everything after it."""
        try:
            return super().make_context(*args, **kwargs)
        except KeyboardInterrupt:
            click.echo(NOTHING_WRITTEN)
            sys.exit(INTERRUPTED)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Find out the algorithm first, then parse with its options too."""
        algorithm = named_algorithm(args)
        if algorithm is not None:
            config_class = installed().find("algorithms", algorithm).load_config()
            ctx.meta["options"] = options_for(config_class)
            ctx.meta["algorithm"] = algorithm
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            if owners := _algorithms_with(error.option_name):
                which = f"{algorithm} has none" if algorithm else "no algorithm was named"
                raise click.UsageError(
                    f"{error.option_name} is an option of {', '.join(owners)}, but {which}.", ctx
                ) from error
            raise

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The command's own options, then the algorithm's."""
        return [*super().get_params(ctx), *ctx.meta.get("options", [])]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the algorithm's options under a heading of their own."""
        own = [record for param in super().get_params(ctx) if (record := param.get_help_record(ctx))]
        with formatter.section("Options"):
            formatter.write_dl([record for record in own if record[0] != "[ENVIRONMENT]"])
        if "options" in ctx.meta:
            with formatter.section(f"Options of {ctx.meta['algorithm']}"):
                formatter.write_dl([p.get_help_record(ctx) for p in ctx.meta["options"]])
        else:
            names = ", ".join(sorted(installed().entries("algorithms")))
            with formatter.section("Options of an algorithm"):
                formatter.write_text(f"csai train --algorithm NAME --help, where NAME is one of: {names}.")


def named_algorithm(args: list[str]) -> str | None:
    """The algorithm that the words of a command line ask for: by name, as that of a run, or by a preset."""
    algorithm = _value_of("--algorithm", args)
    if algorithm is not None:
        return algorithm or None  # what is missing is click's to say
    if run := _value_of("--start-from", args):
        return open_run(Path(run)).algorithm_name
    name = _value_of("--preset", args)
    for word in args:
        preset = None if word.startswith("-") else presets.find(word.rpartition(":")[2], name)
        if preset is not None:
            return preset.algorithm
    return None


def _value_of(flag: str, args: list[str]) -> str | None:
    """What is given after a flag; empty where that is missing, None where there is no such flag."""
    for word, following in zip(args, [*args[1:], ""], strict=False):
        if word == flag:
            return following
        if word.startswith(f"{flag}="):
            return word.partition("=")[2]
    return None


def _algorithms_with(flag: str) -> list[str]:
    """The algorithms that have an option."""
    found = []
    for name, entry in sorted(installed().entries("algorithms").items()):
        config_class = entry.load_config()
        options = [] if config_class is None else options_for(config_class)
        if any(flag in (*option.opts, *option.secondary_opts) for option in options):
            found.append(name)
    return found
