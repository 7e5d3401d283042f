"""What code does besides what it was asked for: print, draw from global generators, change what all share."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import logging
import random
import sys
from collections.abc import Iterator
from types import FunctionType
from typing import Any

import numpy as np

from csai_core.testing.compare import difference, snapshot
from csai_core.testing.suite import fail


@contextlib.contextmanager
def nothing_printed(what: str) -> Iterator[None]:
    """Refuse whatever is printed meanwhile.

    Raises:
        ConformanceError: if something was, quoting it.
    """
    printed, quiet, complains = io.StringIO(), logging.lastResort, logging.raiseExceptions
    logging.lastResort, logging.raiseExceptions = None, False  # a logger is where to tell something
    try:
        with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
            yield
    finally:
        logging.lastResort, logging.raiseExceptions = quiet, complains
    if text := printed.getvalue().strip():
        fail(f"{what} printed {text.splitlines()[0][:60]!r}; leave that out, or warn with warnings.warn.")


@contextlib.contextmanager
def generators_left_alone(what: str) -> Iterator[None]:
    """Refuse a global generator, of Python, numpy or torch, that was drawn from or seeded meanwhile.

    Raises:
        ConformanceError: if one was, naming it.
    """
    advance_generators()  # so that seeding one as it was seeded before is noticed
    before = shared_generators()
    yield
    after = shared_generators()
    for name, state in before.items():
        if difference(state, after[name], ""):
            fail(
                f"{what} drew from the global generator of {name}, or seeded it, which changes everything "
                "else that is random in the program. Draw from a generator of your own, made from a seed."
            )


@contextlib.contextmanager
def class_left_alone(of: object, what: str) -> Iterator[None]:
    """Refuse a variable of an object's class that was changed meanwhile, as all objects of it share that.

    Raises:
        ConformanceError: if one was, naming it.
    """
    before = class_variables(of)
    yield
    after = class_variables(of)
    for name, value in before.items():
        if difference(value, after.get(name), name):
            fail(f"{what} changed {said_of_shared(name)}")


def said_of_shared(name: str) -> str:
    """What is wrong with a change of something that `class_variables` names, and what to do."""
    if name.startswith(_DEFAULT):
        cure = "take None for a default, and make a new one in its place."
    else:
        cure = f"make it in __init__: self.{name.rpartition('.')[2]} = …"
    return f"{name}, which stands in the class, so that all of them share it; {cure}"


def shared_generators() -> dict[str, Any]:
    """The states of the generators that all code of the process shares, by whose they are."""
    found: dict[str, Any] = {"Python": random.getstate(), "numpy": np.random.get_state()}  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        found["torch"] = torch.get_rng_state().numpy().copy()
    return found


def advance_generators() -> None:
    """Draw once from each of them."""
    random.random()
    np.random.random()  # noqa: NPY002
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "rand"):
        torch.rand(1)


_DEFAULT = "the default of"
_CHANGEABLE = (list, dict, set, bytearray, np.ndarray)


def class_variables(of: object) -> dict[str, Any]:
    """Copies of the lists, dicts, arrays and numbers that all objects of a class share.

    They stand in the class and those that it derives from, or are defaults of arguments of their methods.
    """
    found: dict[str, Any] = {}
    for each in type(of).__mro__:
        for name, value in vars(each).items():
            if isinstance(value, (*_CHANGEABLE, int, float)) and name[:2] != "__":
                found.setdefault(f"{each.__name__}.{name}", _copied(value))
            elif isinstance(value, FunctionType) and (value.__defaults__ or value.__kwdefaults__):
                for argument in inspect.signature(value).parameters.values():
                    if isinstance(argument.default, _CHANGEABLE):
                        place = f"{_DEFAULT} {each.__name__}.{name}({argument.name})"
                        found.setdefault(place, _copied(argument.default))
    return found


def _copied(value: Any) -> Any:
    """A copy, with copies of the lists, dicts and arrays in it, and whatever else it holds."""
    return snapshot(value) if isinstance(value, (list, dict, np.ndarray)) else copy.copy(value)
