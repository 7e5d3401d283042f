"""What a call of a command left behind: how it ended, what it said, and whether that is JSON."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any, NoReturn

import click
from click.testing import Result

from csai_core.errors import CsaiError
from csai_core.testing.command.base import NONSENSE
from csai_core.testing.suite import fail

_SAYS_ERROR = re.compile(
    r"^\W*(error|traceback|exception|usage error|failed|failure|cannot|could not|not an?|no such|invalid)\b",
    re.IGNORECASE | re.MULTILINE,
)
"""A line that tells of an error."""
_DENIES = re.compile(
    r"\b(no|not|none|nobody|nothing|unknown|invalid|missing|wrong|cannot|\w+n't)\b", re.IGNORECASE
)
"""A word of whoever does not find, know or take something."""


def check_end(result: Result, what: str) -> None:
    """Refuse an end in a traceback, and an error that ends with status 0."""
    if result.exception is not None and not is_refusal(result):
        fail(
            f"`{what}` ended in {words_of(result.exception)}. Raise a click.BadParameter or a CsaiError that "
            "says what would work; click makes numbers of words by type=int."
        )
    if "Traceback (most recent call last)" in result.output:
        fail(f"`{what}` printed a traceback; raise the error, of which csai makes one message.")
    if result.exit_code == 0 and _SAYS_ERROR.search(result.output):
        fail(
            f"`{what}` said {said(result)!r} and ended with status 0, so that scripts take it for a success. "
            "Raise click.ClickException; what a command returns is no status."
        )


def check_no_error_is_a_success(result: Result, what: str) -> None:
    """Refuse a status of 0 where something went wrong, as an exception or an answer in JSON tells."""
    if result.exit_code:
        return
    error = _cause(result)
    if isinstance(error, Exception) and not isinstance(error, (EOFError, StopIteration, BrokenPipeError)):
        fail(
            f"`{what}` caught {words_of(error)} and ended with status 0, so that scripts take it for a "
            "success. Raise click.ClickException, which says what is wrong."
        )
    denied = [line for line in result.stderr.splitlines() if NONSENSE in line and _DENIES.search(line)]
    if denied and not result.stdout.strip():
        fail(
            f"`{what}` said {denied[-1].strip()!r} on stderr, nothing else, and ended with status 0, so that "
            "scripts take it for a success. Raise click.ClickException."
        )
    with contextlib.suppress(ValueError):
        answer = json.loads(result.stdout)
        if isinstance(answer, dict) and answer.get("error"):
            fail(
                f"`{what}` printed {result.stdout.strip()[:80]!r} and ended with status 0, so that scripts "
                "take it for a success. Raise click.ClickException."
            )


def check_stdout_of_refusal(result: Result, what: str) -> None:
    """Refuse an error among what a program reads as JSON."""
    if not result.exit_code or not result.stdout.strip():
        return
    try:
        _parse(result.stdout)
    except ValueError:
        fail(
            f"`{what}` was refused, and printed {result.stdout.strip()[:80]!r} to stdout, where a program "
            "reads JSON. Raise click.ClickException, or write errors by click.echo(…, err=True)."
        )


def check_json(text: str, command: str) -> None:
    """Refuse what is neither JSON nor JSON line by line."""
    try:
        _parse(text)
    except ValueError as error:
        lines = [line for line in text.splitlines() if line.strip()]
        with contextlib.suppress(ValueError):
            if lines and all(line[0] in "[{" and _parse(line) is not None for line in lines):
                return
        fail(
            f"{command} --json printed what is no JSON ({error}): {text.strip()[:80]!r}. Print the answer "
            "alone there, with csai_core.commands.output.print_json, and everything else to stderr."
        )


def is_refusal(result: Result) -> bool:
    """Whether it ended as a command may that refuses its words: csai makes one message of these."""
    return isinstance(result.exception, (SystemExit, CsaiError, click.ClickException, click.Abort, OSError))


def said(result: Result) -> str:
    """What it said last, of an error if it told one."""
    if isinstance(result.exception, CsaiError):
        return str(result.exception)
    lines = [line for line in result.output.splitlines() if line.strip()]
    found = [line for line in lines if _SAYS_ERROR.search(line)]
    return (found or lines or [""])[-1].strip()


def words_of(error: BaseException) -> str:
    """An exception, named and quoted."""
    return f"{type(error).__name__}: {error}"


def _cause(result: Result) -> BaseException | None:
    """What was being handled when the command ended the program; None if nothing was."""
    error = result.exc_info[1] if result.exc_info else None
    while isinstance(error, (SystemExit, click.exceptions.Exit)):
        error = error.__context__
    return error


def _parse(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON's")
