"""Errors for unknown names: what was given, what was probably meant, what there is."""

from __future__ import annotations

import copy
import pickle

import pytest

from csai_core.errors import (
    CsaiError,
    EnvironmentFailedError,
    ExitError,
    MissingExtraError,
    UnknownNameError,
    UntrustedModuleError,
    said,
)


@pytest.mark.parametrize(
    ("given", "meant"),
    [("lineer", "linear"), ("conf", "conv"), ("Linear", "linear"), ("drop out", "dropout")],
)
def test_the_nearest_name_is_suggested(given, meant):
    error = UnknownNameError.of("block", given, ["linear", "conv", "dropout"])
    assert str(error) == (f"No block named {given!r}. Did you mean {meant!r}? Known: conv, dropout, linear.")
    assert isinstance(error, (CsaiError, LookupError))


def test_nothing_is_suggested_where_nothing_is_near():
    error = UnknownNameError.of("block", "xyz", ["linear"], note="Plugin 'a' failed.")
    assert str(error) == "No block named 'xyz'. Known: linear. Plugin 'a' failed."


def test_where_there_is_nothing_at_all():
    assert (
        str(UnknownNameError.of("dataset", "x", []))
        == "No dataset named 'x'. There is no dataset at all yet."
    )


def test_long_lists_are_cut():
    names = [f"name{number:03}" for number in range(100)]
    message = str(UnknownNameError.of("block", "?", names))
    assert "name039 and 60 more." in message
    assert "name040" not in message


class MuteError(Exception):
    def __str__(self):
        raise KeyError("x")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (KeyError("apple"), "KeyError: 'apple'"),
        (ValueError(), "ValueError"),
        (MuteError(), "MuteError: (its message cannot be told: KeyError in its __str__)"),
    ],
)
def test_strangers_exceptions_are_a_line_even_where_they_cannot_tell_it(error, line):
    assert said(error) == line


def test_an_end_of_the_program_that_nobody_asked_for_is_an_error_with_its_status():
    error = ExitError.of(SystemExit("bye"))
    assert isinstance(error, CsaiError)
    assert "by sys.exit('bye') or quit()" in str(error)


@pytest.mark.parametrize(
    "copied", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))]
)
@pytest.mark.parametrize(
    "error",
    [
        CsaiError("It failed."),
        MissingExtraError("It needs a package."),
        UntrustedModuleError("A run asks for it.", module="theirs", place="/somewhere"),
        EnvironmentFailedError("It fell.", environment="Tower-v0", index=1, seed=2, step=3, action=4),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_error_is_the_same_in_another_process(error, copied):
    error.add_note("Seen on Monday.")
    other = copied(error)
    assert type(other) is type(error)
    assert (str(other), other.args, vars(other)) == (str(error), error.args, vars(error))
