"""Help of commands: it fits terminals of every width and encoding."""

from __future__ import annotations

import codecs
import io
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import click

_LEAST_TO_WRAP = 24
"""In characters: text wrapped into less is hard to read."""
_ROOM_FOR_EXPLANATIONS = 28
"""In characters: what is left to them beside the longest option of a help."""
_PLAIN = {"✓": "+", "✗": "x", "→": "->", "±": "+-", "━": "-", "─": "-", "│": "|", "█": "#"}


def _plainly(error: UnicodeError) -> tuple[str, int]:
    """The nearest that an encoding has for what it lacks; question marks where there is nothing near."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(map(_near, lacking)), error.end


def _near(character: str) -> str:
    near = _PLAIN.get(character) or unicodedata.normalize("NFKD", character)
    return near.encode("ascii", "ignore").decode() or "?"


codecs.register_error("csai_plainly", _plainly)


@contextmanager
def in_any_encoding() -> Iterator[None]:
    """Let stdout and stderr take every character meanwhile, whatever their encoding."""
    streams = [stream for stream in (sys.stdout, sys.stderr) if isinstance(stream, io.TextIOWrapper)]
    before = [stream.errors for stream in streams]
    for stream in streams:
        stream.reconfigure(errors="csai_plainly")
    try:
        yield
    finally:
        for stream, errors in zip(streams, before, strict=True):
            if not stream.closed:
                stream.reconfigure(errors=errors)


class _HelpFormatter(click.HelpFormatter):
    """Writes the help of commands at every width; click's own is at least fifty characters wide."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.width = max(min(self.width, shutil.get_terminal_size().columns - 2), _LEAST_TO_WRAP)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write options beside their explanations; the long ones above theirs, where there is little room."""
        super().write_dl(rows, min(col_max, max(self.width - _ROOM_FOR_EXPLANATIONS, 4)), col_spacing)


@contextmanager
def in_any_width() -> Iterator[None]:
    """Let the help of every command, and of every one of its own commands, fit the terminal meanwhile."""
    before = click.Context.formatter_class
    click.Context.formatter_class = _HelpFormatter
    try:
        yield
    finally:
        click.Context.formatter_class = before
