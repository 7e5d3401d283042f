"""Checks of what a command is: imported without effects, of click, and called what is typed."""

from __future__ import annotations

import click

from csai_core.plugins import installed
from csai_core.plugins.entry import as_typed
from csai_core.testing.command.base import CommandChecks
from csai_core.testing.plugin.import_effects import check_import
from csai_core.testing.suite import fail, skip


class MakingChecks(CommandChecks):
    """What a command is."""

    def test_importing_it_has_no_effects(self) -> None:
        """Its module only defines things: it prints, reads, writes and seeds nothing, and loads no torch."""
        module = self._module()
        if module is None:
            skip("it lies in no module that could be imported by itself")
        check_import(module)

    def test_it_can_be_made(self) -> None:
        """It can be imported, and is a click command."""
        command = self.make()
        if not isinstance(command, click.Command):
            fail(
                f"It is a {type(command).__name__}; make it a click command, with @click.command() above its "
                "function."
            )

    def test_it_is_called_what_is_typed(self) -> None:
        """Its own name is the one under which it is offered."""
        command = self._command()
        if not self.entry_name:
            skip("it is offered under no name")
        typed = as_typed(self.entry_name.rpartition(":")[2])
        if as_typed(command.name or "") != typed:
            fail(f"It is typed {typed!r} and calls itself {command.name!r}; write @click.command({typed!r}).")

    # --- inner workings

    def _module(self) -> str | None:
        """The module of the command, if it can be told without importing it, or it has been."""
        if self.target:
            return self.target.partition(":")[0]
        if self.entry_name and type(self).make is CommandChecks.make:
            return installed().find("commands", self.entry_name).target.partition(":")[0]
        return None
