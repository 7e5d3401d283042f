"""What all conformance suites share: checks are methods named `test_…`, for pytest and for `csai check`."""

from __future__ import annotations

import contextlib
import inspect
import traceback
import unittest
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, NoReturn

from csai_core.errors import ConfigError, ConformanceError, ContractError, CsaiError, UnknownNameError, said
from csai_core.plugins import installed


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one check."""

    check: str
    """The name of the check, in words."""
    status: Literal["passed", "failed", "skipped"]
    message: str = ""
    """What is wrong and what to change, why the check does not apply, or what is worth telling."""
    details: str = ""
    """The traceback of a failure."""


class Suite:
    """Base of the conformance suites.

    A subclass names what it checks by setting `entry_name`, or overrides `make`.
    """

    entry_name: str = ""
    """The name under which a plugin offers what is checked."""
    adopted: Mapping[str, Any] = {}
    """Settings that `adopt` has taken."""
    told: str = ""
    """What the check that runs has found out; see `tell`."""

    @classmethod
    def of(cls, entry_name: str) -> Suite:
        """The suite for what a plugin offers under a name."""
        suite = cls()
        suite.entry_name = entry_name
        return suite

    def setup_method(self) -> None:
        """Take what the entry's `checks` say, but for what a subclass sets itself; pytest calls this first.

        Raises:
            ConfigError: if it has no setting that they name, or a value is of another type.
        """
        kind, suite_class = _kind_of(type(self))
        if not (kind and self.entry_name):
            return
        try:
            entry = installed().find(kind, self.entry_name)
        except CsaiError:
            return  # the checks say so
        subclasses = type(self).__mro__[: type(self).__mro__.index(suite_class)]
        try:
            self.adopt(
                {
                    name: value
                    for name, value in entry.checks.items()
                    if not any(name in vars(each) for each in subclasses)
                }
            )
        except CsaiError as error:
            raise ConfigError(
                f"The entry {entry.name!r} of plugin {entry.plugin!r} says in `checks`: {error}"
            ) from error

    def adopt(self, settings: Mapping[str, Any]) -> None:
        """Take values for settings of its own, by name.

        Raises:
            ConfigError: if it has no such setting, or the value is of another type.
        """
        known = settings_of(type(self))
        for name, value in settings.items():
            if name not in known:
                raise UnknownNameError.of(f"setting of {_suite_named(self)}", name, known)
            if not _is_like(value, known[name]):
                raise ConfigError(
                    f"The setting {name} of {_suite_named(self)} is {value!r}; give a "
                    f"{type(known[name]).__name__}."
                )
            setattr(self, name, value)
        self.adopted = {**self.adopted, **settings}

    def tell(self, text: str) -> None:
        """Say something about what passes, which `csai check` shows."""
        self.told = text

    def make(self, *args: Any, **kwargs: Any) -> Any:
        """Make what is checked; write this in a subclass, or name an entry."""
        raise ContractError(f"{type(self).__name__} has neither a name nor a method make(self); give it one.")

    def run(self) -> Iterator[Outcome]:
        """Run all checks, one after the other; what can be made at all goes through every one.

        Raises:
            ConfigError: see `setup_method`.
        """
        self.setup_method()
        for name in _in_order_of_definition(type(self)):
            self.told = ""
            outcome = _run_one(name.removeprefix("test_").replace("_", " "), getattr(self, name))
            if outcome.status == "passed":
                outcome = replace(outcome, message=self.told)
            yield outcome
            if name == "test_it_can_be_made" and outcome.status == "failed":
                return


def _kind_of(suite_class: type[Suite]) -> tuple[str, type]:
    """The kind of what a suite checks, and the class that is the kind's suite; empty where there is none."""
    for each in suite_class.__mro__:
        for kind in installed().kinds.values():
            with contextlib.suppress(ConfigError):  # that of another kind cannot be imported
                if str(kind.suite).endswith(f":{each.__name__}") and kind.load_suite() is each:
                    return kind.name, each
    return "", Suite


def settings_of(suite_class: type[Suite]) -> dict[str, Any]:
    """What a subclass of a suite may set besides what is checked, by name, with the values that hold else."""
    found: dict[str, Any] = {}
    for each in reversed(suite_class.__mro__):
        names = inspect.get_annotations(each)
        found |= {name: vars(each)[name] for name in names if name in vars(each) and name[0] != "_"}
    return {name: value for name, value in found.items() if name not in _OF_EVERY_SUITE}


_OF_EVERY_SUITE = ("entry_name", "environment_id", "target", "wrappers", "adopted", "told")


def _suite_named(suite: Suite) -> str:
    return next(each.__name__ for each in type(suite).__mro__ if each.__module__.startswith("csai_"))


def _is_like(value: Any, usual: Any) -> bool:
    """Whether a value may stand for another: of its type, a list for a tuple, anything for None."""
    if usual is None or (isinstance(usual, float) and isinstance(value, int)):
        return True
    if isinstance(usual, (tuple, list)):
        return isinstance(value, (tuple, list))
    return isinstance(value, type(usual)) and isinstance(value, bool) == isinstance(usual, bool)


def fail(message: str) -> NoReturn:
    """End a check: what it looked for is not so.

    Raises:
        ConformanceError: always.
    """
    raise ConformanceError(message)


def called(call: Callable[[], Any], what: str) -> Any:
    """What a call gives.

    Args:
        call: makes it.
        what: is called, as a message begins.

    Raises:
        ConformanceError: if it raises, saying what.
    """
    try:
        return call()
    except CsaiError as error:
        fail(f"{what} failed: {error}")
    except Exception as error:
        fail(f"{what} raised {said(error)}")


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
    except (Exception, SystemExit) as error:
        message = f"It raised {type(error).__name__}: {error}{_place(error)}"
        return Outcome(check, "failed", message, traceback.format_exc())
    return Outcome(check, "passed")


def _place(error: BaseException) -> str:
    frames = inspect.getinnerframes(error.__traceback__) if error.__traceback__ else []
    return f" (in {frames[-1].function}, {frames[-1].filename}:{frames[-1].lineno})" if frames else ""
