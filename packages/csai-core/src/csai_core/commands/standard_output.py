"""Who may write to stdout: while plugins are loaded nobody, and with `--json` the answer alone.

Plugins and environments run code of anybody's, which may print at any time, natively too. What it prints then
goes to stderr, so that a program that reads our answer gets nothing else.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
from collections.abc import Iterator
from contextvars import ContextVar
from typing import TextIO

_STDOUT = 1
_STDERR = 2
_reserved: ContextVar[TextIO | None] = ContextVar("reserved", default=None)


@contextlib.contextmanager
def diverted() -> Iterator[TextIO]:
    """Have everything that is written to stdout meanwhile go to stderr; gives what was stdout before."""
    before = sys.stdout
    if not _is_descriptor(before, _STDOUT):
        with contextlib.redirect_stdout(sys.stderr):
            yield before
        return
    _flush()
    with open(os.dup(_STDOUT), "w", encoding=before.encoding, errors=before.errors) as kept:
        os.dup2(_STDERR, _STDOUT)
        try:
            yield kept
        finally:
            _flush()
            kept.flush()
            os.dup2(kept.fileno(), _STDOUT)


@contextlib.contextmanager
def reserved() -> Iterator[None]:
    """Keep stdout for what is written to `answer()`; everything else goes to stderr."""
    if _reserved.get() is not None:
        yield
        return
    with diverted() as stdout:
        token = _reserved.set(stdout)
        try:
            yield
        finally:
            _reserved.reset(token)


def answer() -> TextIO:
    """Where a command writes what it was asked for."""
    return _reserved.get() or sys.stdout


def _is_descriptor(stream: TextIO, number: int) -> bool:
    try:
        return stream.fileno() == number
    except (OSError, ValueError, AttributeError):  # closed, or a test's or a notebook's
        return False


def _flush() -> None:
    """Write out what Python and C keep back of what was written so far."""
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
    with contextlib.suppress(OSError, TypeError, AttributeError):
        ctypes.CDLL(None).fflush(None)
