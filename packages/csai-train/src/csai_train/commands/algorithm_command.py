"""A command whose options include those of the algorithm that is asked for on the command line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, NamedTuple

import click

from csai_core import presets
from csai_core.commands import INTERRUPTED, resolver
from csai_core.commands.typed import TypedCommand, forms_of
from csai_core.errors import CsaiError
from csai_core.options import describe
from csai_core.plugins import installed
from csai_core.schedules import WHAT_MAY_CHANGE
from csai_train.commands import file_argument
from csai_train.commands.config_options import options_for
from csai_train.commands.run_arguments import open_run
from csai_train.commands.run_names import folder_of

AS_STARTED = "cannot be given with --resume: a run goes on as it was started. --start-from RUN begins another"
NOTHING_WRITTEN = "\nStopped before the training began; nothing was written."


class AlgorithmCommand(TypedCommand):
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
        heard = hear(super().get_params(ctx), args)
        algorithm = named_algorithm(heard)
        if algorithm is not None:
            config_class = installed().find("algorithms", algorithm).load_config()
            ctx.meta["options"] = options_for(config_class)
            may_change = any(option.may_change for option in describe(config_class))
            ctx.meta["note"] = WHAT_MAY_CHANGE if may_change else ""
            ctx.meta["algorithm"] = algorithm
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            _require_certain_environment(heard)
            owners = _algorithms_with(error.option_name)
            if not owners:
                raise
            why = f"is an option of {', '.join(owners)}, but {algorithm or 'no algorithm'} "
            why += "has none" if algorithm else "was named"
            if "resume" in heard.values:
                why = AS_STARTED
            raise click.UsageError(f"{error.option_name} {why}.", ctx) from error

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
                if note := ctx.meta["note"]:
                    formatter.write_paragraph()
                    formatter.write_text(note)
        else:
            names = ", ".join(sorted(installed().entries("algorithms")))
            with formatter.section("Options of an algorithm"):
                formatter.write_text(
                    f"{ctx.command_path} --algorithm NAME --help, where NAME is one of: {names}."
                )


class Heard(NamedTuple):
    """What is understood of a command line before it is parsed."""

    values: dict[str, str]
    """What is given for the command's own options, by their names."""
    words: list[str]
    """The words that are neither options nor values of these."""


def hear(options: Sequence[click.Parameter], args: Sequence[str]) -> Heard:
    """Tell the values of a command's own options from other words; those of others are not known yet."""
    forms, heard = forms_of(options), Heard({}, [])
    takers = {
        flag: str(each.name) for each in options for flag in each.opts if not getattr(each, "is_flag", False)
    }
    following = iter(args)
    for word in following:
        if not word.startswith("-"):
            heard.words.append(word)
            continue
        flag, equals, value = word.partition("=")
        meant = resolver.matches(flag, forms)
        if len(meant) == 1 and meant[0] in takers:
            heard.values[takers[meant[0]]] = value if equals else next(following, "")
    return heard


def named_algorithm(heard: Heard) -> str | None:
    """The algorithm that a command line asks for: by name, in a file, as that of a run, or by a preset."""
    if algorithm := heard.values.get("algorithm"):
        return resolver.entry("algorithms", algorithm)
    if file := next(filter(file_argument.is_file, heard.words), None):
        return file_argument.algorithm_of(file_argument.read(file))
    if run := heard.values.get("start_from"):
        with folder_of(run) as folder:
            return open_run(folder).algorithm_entry.full_name
    environments = resolver.environments()
    for word in heard.words:
        meant = _environments_meant(word, environments)
        if len(meant) == 1:
            preset = preset_named(meant[0], heard.values.get("preset"))
            found = presets.find(meant[0], preset)
            return None if found is None else found.algorithm
    return None


def _require_certain_environment(heard: Heard) -> None:
    """Say first which environment may be meant, where that is why no algorithm is known.

    Raises:
        UnknownNameError: if a word may mean several.
    """
    environments = resolver.environments()
    for word in heard.words:
        if len(resolver.matches(word, environments)) > 1:
            resolver.environment(word)


def _environments_meant(word: str, environments: resolver.Forms) -> list[str]:
    """The ids that a word may mean; one with a module before it means what that registers, if anything."""
    if ":" not in word:
        return resolver.matches(word, environments)
    with suppress(CsaiError):
        return [resolver.environment(word).rpartition(":")[2]]
    return []


def preset_named(environment_id: str, typed: str | None) -> str | None:
    """The name of an environment's preset, as it is exactly; None where none was typed."""
    if typed is None:
        return None
    if presets.find(environment_id, typed) is not None:
        return typed  # such as plugin:name, where the name alone would do
    forms = dict.fromkeys(presets.names(environment_id), ())
    return resolver.choose(f"preset of {environment_id}", typed, forms, note=installed().failure_note())


def _algorithms_with(flag: str) -> list[str]:
    """The algorithms that have an option."""
    found = []
    for name, entry in sorted(installed().entries("algorithms").items()):
        config_class = entry.load_config()
        options = [] if config_class is None else options_for(config_class)
        if resolver.matches(flag, forms_of(options)):
            found.append(name)
    return found
