"""What all conformance suites share: checks are methods named `test_…`, for pytest and for `csai check`."""

from __future__ import annotations

import inspect
import traceback
import unittest
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from csai_core.errors import ContractError, CsaiError


class ConformanceError(CsaiError, AssertionError):
    """Raised when something does not do what its kind promises; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check."""

    check: str
    """The name of the check, in words."""
    status: Literal["passed", "failed", "skipped"]
    message: str = ""
    """What is wrong and what to change, or why the check does not apply."""
    details: str = ""
    """The traceback of a failure."""


class Suite:
    """Base of the conformance suites.

    A subclass names what it checks by setting `entry_name`, or overrides `make`.
    """

    entry_name: str = ""
    """The name under which a plugin offers what is checked."""

    @classmethod
    def of(cls, entry_name: str) -> Suite:
        """The suite for what a plugin offers under a name."""
        suite = cls()
        suite.entry_name = entry_name
        return suite

    def make(self, *args: Any, **kwargs: Any) -> Any:
        """Make what is checked; write this in a subclass, or name an entry."""
        raise ContractError(f"{type(self).__name__} has neither a name nor a method make(self); give it one.")

    def run(self) -> Iterator[Outcome]:
        """Run all checks, one after the other; what can be made at all goes through every one."""
        for name in _in_order_of_definition(type(self)):
            outcome = _run_one(name.removeprefix("test_").replace("_", " "), getattr(self, name))
            yield outcome
            if name == "test_it_can_be_made" and outcome.status == "failed":
                return


def fail(message: str) -> NoReturn:
    """End a check: what it looked for is not so.

    Raises:
        ConformanceError: always.
    """
    raise ConformanceError(message)


def skip(reason: str) -> NoReturn:
    """End a check that does not apply; pytest shows it as skipped.

    Raises:
        unittest.SkipTest: always.
    """
    raise unittest.SkipTest(reason)


def _in_order_of_definition(suite_class: type) -> list[str]:
    found: dict[str, None] = {}
    for each in reversed(suite_class.__mro__):
        found.update(dict.fromkeys(name for name in vars(each) if name.startswith("test_")))
    return list(found)


def _run_one(check: str, method: Any) -> Outcome:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # those that matter are looked at by the checks
            method()
    except unittest.SkipTest as reason:
        return Outcome(check, "skipped", str(reason))
    except CsaiError as error:
        return Outcome(check, "failed", str(error), traceback.format_exc())
    except Exception as error:
        message = f"It raised {type(error).__name__}: {error}{_place(error)}"
        return Outcome(check, "failed", message, traceback.format_exc())
    return Outcome(check, "passed")


def _place(error: Exception) -> str:
    frames = inspect.getinnerframes(error.__traceback__) if error.__traceback__ else []
    return f" (in {frames[-1].function}, {frames[-1].filename}:{frames[-1].lineno})" if frames else ""
