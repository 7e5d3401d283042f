"""Checks of what a command shows of itself: its help, its options, and what only shows something."""

from __future__ import annotations

import io

import click

from csai_core.plugins import installed
from csai_core.testing.command.base import WIDTH, CommandChecks, CommandPath
from csai_core.testing.command.results import said, words_of
from csai_core.testing.suite import fail

_ENCODINGS = ("ascii", "cp1252")


class ExplainingChecks(CommandChecks):
    """What it shows of itself."""

    def test_it_explains_itself(self) -> None:
        """It and all of its commands have a help, and a line for the list of commands."""
        for path, command in self._all():
            if not (command.help or command.short_help or _has_own_help(command)):
                fail(f"{self._typed(path)} has no help; write a docstring in its function.")
        if not self.target and type(self).make is CommandChecks.make:
            entry = installed().find("commands", self.entry_name)
            if not entry.summary.strip():
                fail("Its entry has no summary, which csai --help lists; write summary=… in one line.")

    def test_it_explains_its_options(self) -> None:
        """Every option that is shown has a help."""
        for path, command in self._all():
            for option in command.params:
                if isinstance(option, click.Option) and not option.hidden and not option.help:
                    fail(
                        f"{option.opts[-1]} of {self._typed(path)} is not explained; write "
                        f"@click.option({option.opts[-1]!r}, help=…)."
                    )

    def test_its_help_fits_every_terminal(self) -> None:
        """`--help` works at 40 columns, in every encoding, and reads nothing."""
        for path, _ in self._all():
            for encoding in _ENCODINGS:
                self._check_help(path, encoding)

    def test_what_it_shows_of_itself_works(self) -> None:
        """Options that only show something, such as --version, work."""
        for path, command in self._all():
            for option in command.params:
                if option.is_eager and not option.expose_value and getattr(option, "is_flag", False):
                    words = [*path, option.opts[-1]]
                    result = self._run(words)
                    if result.exception is not None and not isinstance(result.exception, SystemExit):
                        fail(f"{self._typed(())} {' '.join(words)} raised {words_of(result.exception)}.")

    # --- inner workings

    def _check_help(self, path: CommandPath, encoding: str) -> None:
        what = f"{self._typed(path)} --help"
        stdin = io.BytesIO(b"yes\n" * 10)
        result = self._run([*path, "--help"], encoding, stdin)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            fail(f"{what} raised {words_of(result.exception)}, in a terminal of {encoding}.")
        if result.exit_code:
            fail(f"{what} ended with status {result.exit_code}: {said(result)}")
        if stdin.tell():
            fail(f"{what} reads what is typed; help is only shown, so ask when the command is called.")
        for line in result.output.splitlines():
            if len(line) > WIDTH and " " in line.strip():
                fail(
                    f"{what} shows a line of {len(line)} characters where the terminal has {WIDTH} columns: "
                    f"{line.strip()!r}. Leave it to click to wrap lines, or write shorter ones below \\b."
                )


def _has_own_help(command: click.Command) -> bool:
    return type(command).format_help is not click.Command.format_help
