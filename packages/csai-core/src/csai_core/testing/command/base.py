"""What the checks of commands share: which command it is, what belongs to it, and how it is called."""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
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
_SECONDS = 5
"""In which a call ends that is made again with other options."""
NONSENSE = "csai-check-no-such-thing"
CommandPath = tuple[str, ...]
"""The words that lead from a command to one of its own commands; none for itself."""


class CommandChecks(Suite):
    """What a subclass names, and how the command is found and called."""

    target: str = ""
    """Where it is, as `"package.module:command"`, where no plugin offers it."""
    words: ClassVar[tuple[str, ...] | None] = None
    """Words after its name with which it works in an empty folder, where nobody answers what it asks; () if
    it is to work with none; None if nobody says."""

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

    def _working(self, path: CommandPath, command: click.Command) -> tuple[str, ...] | None:
        """Words with which it works and ends soon, with those that lead to it; None where nobody knows."""
        if not path and self.words is not None:
            words = tuple(self.words)
        elif isinstance(command, click.Group) or any(each.required for each in command.params):
            return None
        else:
            words = path
        result = self._run_briefly(words)
        return None if result is None or result.exit_code else words

    def _run_briefly(self, words: Sequence[str]) -> Result | None:
        """Call it; None where it does not end soon."""
        with _interrupted_after(_SECONDS) as is_interrupted:
            result = self._run(words)
        return None if is_interrupted() else result

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
def _interrupted_after(seconds: float) -> Iterator[Callable[[], bool]]:
    """Interrupt what does not end in time, as Ctrl-C does, where there are alarms; tells whether it was."""
    alarms = []

    def interrupt(signum: int, frame: Any) -> NoReturn:
        alarms.append(signum)
        raise KeyboardInterrupt

    if not hasattr(signal, "SIGALRM") or threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield lambda: bool(alarms)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


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
