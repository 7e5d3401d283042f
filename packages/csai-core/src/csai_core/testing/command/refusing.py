"""Checks that a command refuses, in words and with a status, what it cannot do."""

from __future__ import annotations

from typing import Any

import click
from click.testing import Result

from csai_core.errors import CsaiError
from csai_core.testing.command.base import NONSENSE, CommandChecks
from csai_core.testing.command.results import (
    check_end,
    check_no_error_is_a_success,
    check_stdout_of_refusal,
    words_of,
)
from csai_core.testing.suite import fail, skip

_NO_OPTION = "--csai-check-no-such-option"


class RefusingChecks(CommandChecks):
    """What it refuses."""

    def test_it_refuses_unknown_options(self) -> None:
        """An option that it does not have ends with status 2."""
        for path, command in self._all():
            if command.context_settings.get("ignore_unknown_options", command.ignore_unknown_options):
                _check_handed_on(command, self._typed(path))
                continue
            result = self._run([*path, _NO_OPTION])
            check_end(result, f"{self._typed(path)} {_NO_OPTION}")
            if result.exit_code != 2:
                fail(
                    f"{self._typed(path)} {_NO_OPTION} ended with status {result.exit_code}, as if there "
                    "were such an option; leave it to click to refuse it, with status 2."
                )

    def test_its_values_are_refused_in_words(self) -> None:
        """A value that is none of its type is refused as click refuses it."""
        for path, command in self._all():
            context = click.Context(command, info_name=self._typed(path), resilient_parsing=True)
            for parameter in command.params:
                if isinstance(parameter, click.Option) and (parameter.is_flag or parameter.count):
                    continue
                _check_value(parameter, context)

    def test_it_refuses_wrong_words(self) -> None:
        """Words that mean nothing end in no traceback, no error in status 0, and a refusal leaves nothing."""
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
                self._check_refusal(result, what)
                if more:
                    check_stdout_of_refusal(result, what)
        if not is_called:
            skip("it needs no words")

    def test_its_options_are_taken_or_refused(self) -> None:
        """Whatever text or least number an option may be, it works with that, or refuses it in words."""
        is_called = False
        for path, command in self._all():
            options = [(each, word) for each in command.params for word in _taken(each)]
            words = self._working(path, command) if options else None
            for option, word in options if words is not None else ():
                is_called = True
                called = [*(words or ()), option.opts[-1], word]
                if (result := self._run_briefly(called)) is not None:
                    self._check_refusal(result, " ".join([self._typed(()), *called]))
        if not is_called:
            skip("its options take no texts or ranges, or nobody says in `words` with which words it works")

    def _check_refusal(self, result: Result, what: str) -> None:
        """Refuse an end in a traceback, an error that is a success, and what a refusal leaves behind."""
        check_end(result, what)
        check_no_error_is_a_success(result, what)
        if result.exit_code and self._left:
            fail(
                f"`{what}` was refused, and left {' and '.join(self._left)} in the working folder. Look at "
                "the words before anything is written."
            )


def _check_value(parameter: click.Parameter, context: click.Context) -> None:
    value: Any = NONSENSE if parameter.nargs == 1 else (NONSENSE,) * _count(parameter)
    if isinstance(parameter, click.Option) and parameter.multiple:
        value = [value]
    try:
        parameter.type_cast_value(context, value)
    except (click.ClickException, CsaiError, OSError):
        return
    except Exception as error:
        fail(
            f"{_shown(parameter)} was given {NONSENSE!r}, and its type raised {words_of(error)}. Let its "
            "convert call self.fail(…), which says what would work."
        )


def _taken(parameter: click.Parameter) -> list[str]:
    """What an option may be by its type: a text that means nothing, and the least number of a range."""
    if not isinstance(parameter, click.Option) or parameter.nargs != 1:
        return []
    if parameter.is_flag or parameter.count:
        return []
    if isinstance(parameter.type, (click.IntRange, click.FloatRange)):
        is_named = parameter.type.min is not None and not parameter.type.min_open
        return [str(parameter.type.min)] if is_named else []
    return [NONSENSE] if isinstance(parameter.type, click.types.StringParamType) else []


def _count(parameter: click.Parameter) -> int:
    """How many words a parameter takes; one where it takes any number."""
    return max(1, parameter.nargs)


def _nonsense(parameter: click.Parameter) -> list[str]:
    """Words for a parameter that is required: of its type, and meaning nothing."""
    flag = [parameter.opts[-1]] if isinstance(parameter, click.Option) else []
    return [*flag, *[_word(parameter.type)] * _count(parameter)]


def _word(of: click.ParamType[Any]) -> str:
    if isinstance(of, click.Choice):
        return str(next(iter(of.choices)))
    if isinstance(of, (click.IntRange, click.FloatRange)):
        return str(of.min if of.min is not None else of.max if of.max is not None else 1)
    return {"integer": "1", "float": "1.5", "boolean": "yes"}.get(of.name, NONSENSE)


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
