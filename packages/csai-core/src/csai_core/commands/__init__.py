"""The `csai` command. Its sub-commands come from plugins, and are imported only when called."""

from __future__ import annotations

import warnings
from typing import Any

import click

from csai_core.errors import CsaiError, PluginError
from csai_core.plugins import PluginWarning, installed
from csai_core.plugins.entry import as_typed


class PluginGroup(click.Group):
    """A command group whose commands are the entries of the hook `csai_commands`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, as they are typed, in the order of the alphabet."""
        return sorted(map(as_typed, installed().entries("commands")))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Import one command.

        Raises:
            UnknownNameError: if there is none of that name, with the nearest one.
            PluginError: if it cannot be imported or is no click command.
        """
        entry = installed().find("commands", cmd_name)
        command = entry.load()
        if not isinstance(command, click.Command):
            raise PluginError(
                f"Plugin {entry.plugin!r} offers the command {cmd_name!r} at {entry.target!r}, "
                f"which is a {type(command).__name__}; it must be a click command."
            )
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by their summaries, without importing any."""
        entries = installed().entries("commands")
        rows = [(as_typed(name), entries[name].summary) for name in sorted(entries)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run the command; plugin warnings become plain lines meanwhile, and never errors."""
        with warnings.catch_warnings():
            warnings.simplefilter("always", PluginWarning)
            warnings.showwarning = _plain_plugin_warnings(warnings.showwarning)
            return super().main(*args, **kwargs)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the chosen command; an error that csai raised on purpose is shown without a traceback."""
        try:
            return super().invoke(ctx)
        except CsaiError as error:
            raise click.ClickException(str(error)) from error


@click.group(
    cls=PluginGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Help on one command: csai COMMAND --help",
)
@click.version_option(package_name="csai-core", prog_name="csai")
def main() -> None:
    """Learn, teach and do reinforcement learning.

    Try: csai list environments, then: csai train CSAI/Snake-v0
    """


def _plain_plugin_warnings(show: Any) -> Any:
    """Show plugin warnings as one plain line on stderr, and all others as they were."""

    def showwarning(message: Any, category: Any, *args: Any, **kwargs: Any) -> None:
        if issubclass(category, PluginWarning):
            click.echo(f"Warning: {message}", err=True)
        else:
            show(message, category, *args, **kwargs)

    return showwarning
