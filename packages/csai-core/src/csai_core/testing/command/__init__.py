"""What every command should do: explain itself, refuse wrong words, and work only when it is called."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NoReturn
from unittest import mock

import click
from click.testing import CliRunner, Result

from csai_core.errors import CsaiError
from csai_core.help_pages import HelpContext, in_any_encoding
from csai_core.plugins import Entry, installed
from csai_core.plugins.entry import as_typed
from csai_core.testing.command.results import (
    SAYS_ERROR,
    check_json,
    check_no_error_is_a_success,
    is_refusal,
    said,
    words_of,
)
from csai_core.testing.plugin.import_effects import check_import
from csai_core.testing.process.effects import generators_left_alone
from csai_core.testing.suite import Suite, fail, skip

_NONSENSE = "csai-check-no-such-thing"
_NO_OPTION = "--csai-check-no-such-option"
_WIDTH = 40
_ENCODINGS = ("ascii", "cp1252")
_Path = tuple[str, ...]
"""The words that lead from a command to one of its own commands; none for itself."""


class CommandSuite(Suite):
    """Checks one command; a subclass names the entry, or says where it is, or writes `make`.

    class TestSayHello(CommandSuite):
        entry_name = "say_hello"
        words = ("Ada",)            # a call that works

    A command is called with wrong words, in an empty folder; with those of `words`, which work; and with
    `--json` where it has that option and needs no words, or `words` says which.
    """

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

    def test_it_explains_itself(self) -> None:
        """It and all of its commands have a help, and a line for the list of commands."""
        for path, command in self._all():
            if not (command.help or command.short_help or _has_own_help(command)):
                fail(f"{self._typed(path)} has no help; write a docstring in its function.")
        if not self.target and type(self).make is CommandSuite.make:
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

    def test_it_refuses_unknown_options(self) -> None:
        """An option that it does not have ends with status 2."""
        for path, command in self._all():
            if command.context_settings.get("ignore_unknown_options", command.ignore_unknown_options):
                _check_handed_on(command, self._typed(path))
                continue
            result = self._run([*path, _NO_OPTION])
            self._require_refusal(result, f"{self._typed(path)} {_NO_OPTION}")
            if result.exit_code != 2:
                fail(
                    f"{self._typed(path)} {_NO_OPTION} ended with status {result.exit_code}, as if there "
                    "were such an option; leave it to click to refuse it, with status 2."
                )

    def test_what_it_shows_of_itself_works(self) -> None:
        """Options that only show something, such as --version, work."""
        for path, command in self._all():
            for option in command.params:
                if option.is_eager and not option.expose_value and getattr(option, "is_flag", False):
                    words = [*path, option.opts[-1]]
                    result = self._run(words)
                    if result.exception is not None and not isinstance(result.exception, SystemExit):
                        fail(f"{self._typed(())} {' '.join(words)} raised {words_of(result.exception)}.")

    def test_its_values_are_refused_in_words(self) -> None:
        """A value that is none of its type is refused as click refuses it."""
        for path, command in self._all():
            context = HelpContext(command, info_name=self._typed(path), resilient_parsing=True)
            for parameter in command.params:
                if isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count):
                    continue
                _check_value(parameter, context)

    def test_it_refuses_wrong_words(self) -> None:
        """Called with words that mean nothing, it says so, with a status that is not 0."""
        is_called = False
        for path, command in self._all():
            required = [each for each in command.params if each.required]
            if isinstance(command, click.Group) or not required:
                continue
            is_called = True
            words = [*path, *(word for each in required for word in _nonsense(each))]
            has_json = any("--json" in each.opts for each in command.params)
            for more in ([], ["--json"])[: 1 + has_json]:
                what = f"{self._typed(())} {' '.join([*words, *more])}"
                result = self._run([*words, *more])
                self._require_refusal(result, what)
                check_no_error_is_a_success(result, what)
                if result.exit_code and self._left:
                    fail(
                        f"`{what}` was refused, and left {' and '.join(self._left)} in the working folder. "
                        "Look at the words before anything is written."
                    )
        if not is_called:
            skip("it needs no words")

    def test_it_works_where_nobody_answers(self) -> None:
        """With the words of `words` it works, asks nothing, and leaves the generators of all alone."""
        if self.words is None:
            skip("nobody says in `words` with which words it works")
        what = f"{self._typed(())} {' '.join(self.words)}"
        with generators_left_alone(f"`{what}`"):
            result = self._run(self.words)
        self._require_refusal(result, what)
        if "Aborted!" in result.output.splitlines():
            asked = result.stdout.strip().splitlines() or [""]
            fail(
                f"`{what}` asks where nobody can answer, as a script calls it: {asked[-1]!r}. Offer an "
                "option that answers, such as --yes, and say it in `words`."
            )
        if result.exit_code:
            fail(
                f"`{what}` is to work, as `words` says, and ended with status {result.exit_code}: "
                f"{said(result)}"
            )

    def test_its_json_is_json(self) -> None:
        """With `--json`, JSON is all that stands on stdout."""
        command = self._command()
        if "--json" not in [name for each in command.params for name in each.opts]:
            skip("it has no option --json")
        words = self.words
        if words is None:
            if any(each.required for each in command.params):
                skip("it needs words; say in `words` with which it works")
            words = ()
        result = self._run([*words, "--json"])
        asked = [each.opts[-1] for each in command.params if isinstance(each, click.Option) and each.prompt]
        if asked and isinstance(result.exception, (click.Abort, SystemExit)) and result.exit_code:
            fail(
                f"`{self._typed(())} --json` asks for {asked[0]} (prompt) where nobody can answer, as a "
                "script calls "
                "it. Leave prompt out: make the option required, or give it a default."
            )
        if result.exit_code and self.words is None and is_refusal(result):
            skip(f"it does not work in an empty folder: {said(result)}")
        self._require_refusal(result, f"{self._typed(())} {' '.join([*words, '--json'])}")
        check_json(result.stdout, self._typed(()))

    # --- inner workings

    _left: Sequence[str] = ()
    """What the last call left in its folder."""

    def _module(self) -> str | None:
        """The module of the command, if it can be told without importing it, or it has been."""
        if self.target:
            return self.target.partition(":")[0]
        if self.entry_name and type(self).make is CommandSuite.make:
            return installed().find("commands", self.entry_name).target.partition(":")[0]
        return None

    def _command(self) -> click.Command:
        command = self.make()
        if not isinstance(command, click.Command):
            skip("it is no click command")
        return command

    def _all(self) -> list[tuple[_Path, click.Command]]:
        """The command, and those of its own that are shown."""
        return list(_walk((), self._command()))

    def _typed(self, path: _Path) -> str:
        name = as_typed(self.entry_name.rpartition(":")[2]) if self.entry_name else self._command().name
        return " ".join((str(name), *path))

    def _run(self, words: Sequence[str], encoding: str = "utf-8", stdin: Any = None) -> Result:
        """Call it in an empty folder, as csai does, with its help in the width of a small terminal."""
        command = self._command()
        if command.context_class is click.Context:
            command.context_class = HelpContext
        runner = CliRunner(charset=encoding, env={"COLUMNS": str(_WIDTH), "TERM": "dumb", "NO_COLOR": "1"})

        def run() -> None:
            with in_any_encoding():
                command.main(list(words), prog_name=self._typed(()))

        with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder), _goes_on():
            result = runner.invoke(click.Command("run", callback=run), [], input=stdin)
            self._left = sorted(os.listdir())
        return result

    def _check_help(self, path: _Path, encoding: str) -> None:
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
            if len(line) > _WIDTH and " " in line.strip():
                fail(
                    f"{what} shows a line of {len(line)} characters where the terminal has {_WIDTH} columns: "
                    f"{line.strip()!r}. Leave it to click to wrap lines, or write shorter ones below \\b."
                )

    def _require_refusal(self, result: Result, what: str) -> None:
        """Refuse an end in a traceback, and an error that ends with status 0."""
        if result.exception is not None and not is_refusal(result):
            fail(
                f"`{what}` ended in {words_of(result.exception)}. Refuse wrong words with click.BadParameter "
                "or a CsaiError that says what would work; click makes numbers of words by type=int."
            )
        if "Traceback (most recent call last)" in result.output:
            fail(f"`{what}` printed a traceback; raise the error, of which csai makes one message.")
        if result.exit_code == 0 and SAYS_ERROR.search(result.output):
            fail(
                f"`{what}` said {said(result)!r} and ended with status 0, so that scripts take it for a "
                "success. Raise click.ClickException; what a command returns is no status."
            )


@contextlib.contextmanager
def _goes_on() -> Iterator[None]:
    """Let nobody end the whole process meanwhile."""

    def refuse(status: int) -> NoReturn:
        raise RuntimeError(f"os._exit({status}) ends the process of whoever has called it; use sys.exit")

    with mock.patch.object(os, "_exit", refuse):
        yield


def _walk(path: _Path, command: click.Command) -> Iterator[tuple[_Path, click.Command]]:
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=command.name, resilient_parsing=True)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _walk((*path, name), inner)


def _has_own_help(command: click.Command) -> bool:
    return type(command).format_help is not click.Command.format_help


def _check_value(parameter: click.Parameter, context: click.Context) -> None:
    count = 1 if parameter.nargs < 1 else parameter.nargs
    value: Any = _NONSENSE if count == 1 and not _is_many(parameter) else (_NONSENSE,) * count
    if isinstance(parameter, click.Option) and parameter.multiple:
        value = [value] if count == 1 else [(_NONSENSE,) * count]
    try:
        parameter.type_cast_value(context, value)
    except (click.ClickException, CsaiError, OSError):
        return
    except Exception as error:
        fail(
            f"{_shown(parameter)} was given {_NONSENSE!r}, and its type raised {words_of(error)}. Let its "
            "convert call self.fail(…), which says what would work."
        )


def _is_many(parameter: click.Parameter) -> bool:
    return parameter.nargs == -1 or bool(getattr(parameter, "multiple", False))


def _nonsense(parameter: click.Parameter) -> list[str]:
    """Words for a parameter that is required: of its type, and meaning nothing."""
    count = 1 if parameter.nargs < 1 else parameter.nargs
    flag = [parameter.opts[-1]] if isinstance(parameter, click.Option) else []
    return [*flag, *[_word(parameter.type)] * count]


def _word(of: click.ParamType[Any]) -> str:
    if isinstance(of, click.Choice):
        return str(next(iter(of.choices)))
    if isinstance(of, (click.IntRange, click.FloatRange)):
        return str(of.min if of.min is not None else of.max if of.max is not None else 1)
    return {"integer": "1", "float": "1.5", "boolean": "yes"}.get(of.name, _NONSENSE)


def _shown(parameter: click.Parameter) -> str:
    return parameter.opts[-1] if isinstance(parameter, click.Option) else str(parameter.name).upper()


def _check_handed_on(command: click.Command, typed: str) -> None:
    """Refuse a command that takes options which it does not know, and has nobody to hand them on to."""
    function = command.callback
    if any(each.nargs == -1 for each in command.params) or function is None:
        return
    if hasattr(function, "__wrapped__") or "get_current_context" in function.__code__.co_names:
        return  # it can see them in the context
    fail(
        f"{typed} passes over options that it does not know (ignore_unknown_options), so that a misspelt one "
        "is not noticed. Leave that out, or hand them on: an argument with nargs=-1 and "
        "type=click.UNPROCESSED takes them."
    )
