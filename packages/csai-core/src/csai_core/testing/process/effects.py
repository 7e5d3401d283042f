"""What code does besides what it was asked for: print, draw from global generators, change what all share."""

from __future__ import annotations

import contextlib
import copy
import io
import random
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from csai_core.testing.compare import difference
from csai_core.testing.suite import fail


@contextlib.contextmanager
def nothing_printed(what: str) -> Iterator[None]:
    """Refuse whatever is printed meanwhile.

    Raises:
        ConformanceError: if something was, quoting it.
    """
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        yield
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
            fail(
                f"{what} changed {name}, which stands in the class, so that all of them share it; make it in "
                f"__init__: self.{name.rpartition('.')[2]} = …"
            )


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


def class_variables(of: object) -> dict[str, Any]:
    """Copies of the lists, dicts, arrays and numbers in an object's class and those that it derives from."""
    found: dict[str, Any] = {}
    for each in type(of).__mro__:
        for name, value in vars(each).items():
            if isinstance(value, (list, dict, set, bytearray, np.ndarray, int, float)) and name[:2] != "__":
                found.setdefault(f"{each.__name__}.{name}", copy.deepcopy(value))
    return found
