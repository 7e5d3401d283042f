"""A page of all errors that our packages raise on purpose: what each means, and what raises it."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from typing import Any

from csai_core.error_index import explained, known_errors
from csai_core.errors import CsaiError
from website import docstrings, reference

INTRODUCTION = """\
# Errors

Whatever csai raises on purpose is a `CsaiError`: it says what failed, what was given, and what would work.
Most are also what Python would raise there, such as a `ValueError`, so that either can be caught. An error
that is none of these is a bug: tell us what `csai doctor` prints.

Commands print an error's name before its message, as in `UnknownNameError: No run named 'mine'`. What the
name means stands here, and `csai docs UnknownNameError` tells it in the terminal.
"""


def pages() -> Iterator[tuple[str, str]]:
    """The page."""
    yield "reference/errors.md", "\n".join(page())


def errors() -> list[type[CsaiError]]:
    """Those of our packages, by name."""
    known = known_errors().values()
    ours = (each for each in known if each.__module__.partition(".")[0] in reference.PACKAGES)
    return sorted(ours, key=lambda each: each.__name__)


def page() -> Iterator[str]:
    """Every error by its name, and which public functions and classes say that they raise it."""
    yield INTRODUCTION
    raised = raisers()
    for error in errors():
        yield f"## {error.__name__}\n"
        for paragraph in explained(error):
            yield re.sub(r"^(Usual causes|What helps):", r"**\1:**", paragraph) + "\n"
        also = [base.__name__ for base in error.__mro__[1:] if base.__module__ == "builtins"]
        kinds = [each for each in also if each not in ("Exception", "BaseException", "object")]
        yield f"It is defined in `{error.__module__}`{f', and is a {kinds[0]} too' if kinds else ''}.\n"
        for home, says in raised.get(error.__name__, ()):
            yield f"- {{py:obj}}`{home}`: {says}"
        yield ""


def raisers() -> dict[str, list[tuple[str, str]]]:
    """For each error's name what raises it, and when, from the docstrings of public names."""
    found: dict[str, list[tuple[str, str]]] = {}
    for (module, name), home in reference.homes().items():
        if home != f"{module}.{name}":
            continue
        thing: Any = getattr(importlib.import_module(module), name)
        for error, says in raises(inspect.getdoc(thing) or "" if callable(thing) else ""):
            found.setdefault(error, []).append((home, says))
    return found


def raises(docstring: str) -> Iterator[tuple[str, str]]:
    """What the section of a docstring about errors says."""
    for heading, part in docstrings.sections(docstring.splitlines()):
        if heading == "Raises":
            for name, told in docstrings.named(part):
                yield name, re.sub(r"\s+", " ", " ".join(told)).strip()
