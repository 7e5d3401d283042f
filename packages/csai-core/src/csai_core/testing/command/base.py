"""What the checks of commands share: which command it is, what belongs to it, and how it is called."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, ClassVar, NoReturn
from unittest import mock

import click
from click.testing import CliRunner, Result

from csai_core.help_pages import in_any_encoding, in_any_width
from csai_core.plugins import Entry, installed
from csai_core.plugins.entry import as_typed
from csai_core.testing.suite import Suite, skip

WIDTH = 40
"""Columns of the terminal in which it is called."""
NONSENSE = "csai-check-no-such-thing"
CommandPath = tuple[str, ...]
"""The words that lead from a command to one of its own commands; none for itself."""


class CommandChecks(Suite):
    """What a subclass names, and how the command is found and called."""

    target: str = ""
    """Where it is, as `"package.module:command"`, where no plugin offers it."""
    words: ClassVar[tuple[str, ...] | None] = None
    """Words after its name with which it works in an empty folder, where nobody answers what it asks; None if
    it needs none, or nobody says."""

    def make(self) -> Any:
        """Import the command."""
        if self.target:
            return Entry(name=self.entry_name or "unnamed", target=self.target).load()
        return installed().find("commands", self.entry_name).load() if self.entry_name else super().make()

    # --- inner workings

    _left: Sequence[str] = ()
    """What the last call left in its folder."""
    _went_to: str = ""
    """The folder that the last call has left the program in, if that is another."""

    def _command(self) -> click.Command:
        command = self.make()
        if not isinstance(command, click.Command):
            skip("it is no click command")
        return command

    def _all(self) -> list[tuple[CommandPath, click.Command]]:
        """The command, and those of its own that are shown."""
        return list(_walk((), self._command()))

    def _typed(self, path: CommandPath) -> str:
        name = as_typed(self.entry_name.rpartition(":")[2]) if self.entry_name else self._command().name
        return " ".join((str(name), *path))

    def _run(self, words: Sequence[str], encoding: str = "utf-8", stdin: Any = None) -> Result:
        """Call it in an empty folder, as csai does, with its help in the width of a small terminal."""
        command = self._command()
        runner = CliRunner(charset=encoding, env={"COLUMNS": str(WIDTH), "TERM": "dumb", "NO_COLOR": "1"})

        def run() -> None:
            with in_any_encoding(), in_any_width():
                command.main(list(words), prog_name=self._typed(()))

        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), _kept_running():
            result = runner.invoke(click.Command("run", callback=run), [], input=stdin)
            self._left = sorted(os.listdir(folder))
            self._went_to = "" if Path.cwd() == Path(folder).resolve() else str(Path.cwd())
        return result


@contextlib.contextmanager
def _kept_running() -> Iterator[None]:
    """Let nobody end the whole process meanwhile."""

    def refuse(status: int) -> NoReturn:
        raise RuntimeError(f"os._exit({status}) ends the process of whoever has called it; use sys.exit")

    with mock.patch.object(os, "_exit", refuse):
        yield


def _walk(path: CommandPath, command: click.Command) -> Iterator[tuple[CommandPath, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=command.name, resilient_parsing=True)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _walk((*path, name), inner)
