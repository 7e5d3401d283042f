"""What docstrings in Google's style say: of each argument, and besides."""

from __future__ import annotations

import inspect
import re
from typing import Any

_HEADING = re.compile(r"Args?:|Arguments:|Parameters:")
_LEFT_OUT = re.compile(rf"{_HEADING.pattern}|Examples?\b.*|Change ?logs?:?")
_ARGUMENT = re.compile(r"\*{0,2}(\w+)\s*(?:\([^)]*\))?:\s*(?:\([^)]*\):)?\s*(.*)")
_ROLE = re.compile(r":\w+:`[~!]?([^`]+)`")
"""Of reStructuredText, as in :class:`Env`."""


def explained_arguments(creator: Any) -> dict[str, str]:
    """What a function says of its arguments; of a class it itself, or one that it derives from.

    Args:
        creator: a class or a function.

    Returns:
        By name, a text in one line; what is not explained is left out.
    """
    found: dict[str, str] = {}
    for docstring in _docstrings(creator):
        for name, text in _explained(docstring).items():
            found.setdefault(name, text)
    return found


def prose(docstring: str) -> str:
    """A docstring without what it says of arguments, its examples and its history."""
    lines = inspect.cleandoc(docstring).splitlines()
    kept: list[str] = []
    left_out: int | None = None
    for line in lines:
        if left_out is not None and line.strip() and _indent(line) <= left_out:
            left_out = None
        if left_out is None and _LEFT_OUT.fullmatch(line.strip()):
            left_out = _indent(line)
        if left_out is None:
            kept.append(line)
    return plain("\n".join(kept).strip())


def plain(text: str) -> str:
    """A text without marks of reStructuredText."""
    return _ROLE.sub(r"\1", text).replace("``", "")


def _docstrings(creator: Any) -> list[str]:
    sources = [creator]
    if isinstance(creator, type):
        sources = [each for base in creator.__mro__ for each in (vars(base).get("__init__"), base)]
    return [text for each in sources if isinstance(text := getattr(each, "__doc__", None), str)]


def _explained(docstring: str) -> dict[str, str]:
    lines = inspect.cleandoc(docstring).splitlines()
    block = [line for line in lines[slice(*_block(lines))] if line.strip()]
    found: dict[str, list[str]] = {}
    told: list[str] = []
    for line in block:
        argument = _ARGUMENT.fullmatch(line.strip())
        if argument and _indent(line) == _indent(block[0]):
            told = found.setdefault(argument[1], [])
            told.append(argument[2])
        else:
            told.append(line.strip())
    return {name: plain(" ".join(filter(None, told))) for name, told in found.items()}


def _block(lines: list[str]) -> tuple[int, int]:
    """From which line to which the arguments are explained; the heading stands above."""
    for number, line in enumerate(lines):
        if _HEADING.fullmatch(line.strip()):
            deeper = lines[number + 1 :]
            ends = (at for at, each in enumerate(deeper) if each.strip() and _indent(each) <= _indent(line))
            return number + 1, number + 1 + next(ends, len(deeper))
    return 0, 0


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
