"""The `csai` command. Its sub-commands come from plugins, and are imported only when called."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import click

from csai_core.commands import mistakes
from csai_core.commands.standard_output import diverted
from csai_core.errors import PluginError
from csai_core.help_pages import in_any_encoding, in_any_width
from csai_core.plugins import Entry, PluginWarning, installed
from csai_core.plugins.entry import as_typed
from csai_core.terminal import printable

INTERRUPTED = 130
"""The exit status of a program that was stopped by Ctrl-C."""
_GROUPS = ("Play, watch and train", "Judge and compare", "See what there is", "Make your own")
"""Headings of the help, in the order in which one needs them; those of plugins follow."""
_WITHOUT_PLUGINS = {"doctor": Entry(name="doctor", target="csai_core.commands.doctor:doctor")}
"""Commands that also work where a plugin would stop whatever loads it."""
_OTHERS = "Other commands"
_TRACEBACK = "--traceback"


class PluginGroup(click.Group):
    """A command group whose commands are the entries of the hook `csai_commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, as they are typed, in the order of the alphabet."""
        with diverted():
            return sorted(map(as_typed, installed().entries("commands")))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Import one command.

        Raises:
            UnknownNameError: if there is none of that name, with the nearest one.
            PluginError: if it cannot be imported or is no click command.
        """
        with diverted():
            entry = _WITHOUT_PLUGINS.get(cmd_name) or installed().find("commands", cmd_name)
            command = entry.load()
        if not isinstance(command, click.Command):
            raise PluginError(
                f"Plugin {entry.plugin!r} offers the command {cmd_name!r} at {entry.target!r}, "
                f"which is a {type(command).__name__}; it must be a click command."
            )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by their summaries, group by group, without importing any."""
        groups: dict[str, list[tuple[str, str]]] = {}
        with diverted():
            entries = installed().entries("commands")
        listed = ((name, entry) for name, entry in sorted(entries.items()) if not entry.is_inner)
        for name, entry in listed:
            groups.setdefault(entry.group or _OTHERS, []).append((as_typed(name), entry.summary))
        own = sorted(groups.keys() - {*_GROUPS, _OTHERS})
        for heading in (*_GROUPS, *own, _OTHERS):
            if heading in groups:
                with formatter.section(heading):
                    formatter.write_dl(groups[heading])

    def main(self, args: Sequence[str] | None = None, *more: Any, **settings: Any) -> Any:
        """Run the command; whatever it raises is said in a few lines, and warnings of plugins in one."""
        words, with_traceback = _without_traceback(sys.argv[1:] if args is None else args)
        with _plain_plugin_warnings(), in_any_encoding(), in_any_width():
            try:
                return super().main(words, *more, **settings)
            except (Exception, SystemExit) as error:
                if isinstance(error, SystemExit) and not mistakes.is_unasked(error):
                    raise
                if with_traceback:
                    traceback.print_exception(error)
                click.echo(_shown(mistakes.told(error)), err=True)
                sys.exit(1)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command; Ctrl-C ends it without a word."""
        try:
            return super().invoke(ctx)
        except click.ClickException as error:
            error.message = _shown(error.message)  # type: ignore[misc]
            raise
        except KeyboardInterrupt:
            click.echo(err=True)
            ctx.exit(INTERRUPTED)


@click.group(
    name="csai",
    cls=PluginGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Help on one command: csai COMMAND --help",
)
@click.version_option(package_name="csai-core", prog_name="csai")
@click.option(
    _TRACEBACK,
    is_flag=True,
    expose_value=False,
    help="Show the whole traceback of an error, as CSAI_TRACEBACK=1 does; may stand anywhere in the line.",
)
@click.pass_context
def main(ctx: click.Context) -> None:
    """Learn, teach and do reinforcement learning.

    Try: csai play snake, then: csai train snake
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def _shown(message: object) -> str:
    """A message, in which texts of files and strangers may stand, as a terminal may have it."""
    return printable(message, keep="\n")


def _without_traceback(words: Sequence[str]) -> tuple[list[str], bool]:
    """A command line without the option that may stand anywhere in it, and whether it is asked for."""
    end = words.index("--") if "--" in words else len(words)
    kept = [word for word in words[:end] if word != _TRACEBACK]
    is_wanted = len(kept) < end or os.environ.get("CSAI_TRACEBACK", "") not in ("", "0")
    return [*kept, *words[end:]], is_wanted


@contextmanager
def _plain_plugin_warnings() -> Iterator[None]:
    """Show plugin warnings as one plain line on stderr meanwhile, and all others as they were."""

    def showwarning(message: Any, category: Any, *args: Any, **kwargs: Any) -> None:
        if issubclass(category, PluginWarning):
            click.echo(f"Warning: {_shown(message)}", err=True)
        else:
            before(message, category, *args, **kwargs)

    with warnings.catch_warnings():
        warnings.simplefilter("always", PluginWarning)
        before = warnings.showwarning
        warnings.showwarning = showwarning
        yield
