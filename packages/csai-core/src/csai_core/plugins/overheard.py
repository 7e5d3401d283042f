"""What a plugin prints while it is loaded: passed on in one line, however much it is."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from csai_core.terminal import printable

_LONGEST = 200
"""Characters of the line."""


class _Kept(io.StringIO):
    """Keeps what is written, and later hands it on, as a handler of logs may hold on to it."""

    onward: TextIO | None = None

    def write(self, text: str) -> int:
        """Write to whoever it is for now."""
        return super().write(text) if self.onward is None else self.onward.write(text)


@contextmanager
def overheard(plugin: str) -> Iterator[None]:
    """Have what is printed inside go to stderr, in a line that tells whose it is where it was much.

    Streams that the code itself replaces are left for others to put back.

    Args:
        plugin: whose code runs.
    """
    before = {name: getattr(sys, name) for name in ("stdout", "stderr")}
    kept = _Kept()
    for name in before:
        setattr(sys, name, kept)
    try:
        yield
    finally:
        for name, stream in before.items():
            if getattr(sys, name) is kept:
                setattr(sys, name, stream)
        if (said := kept.getvalue()) and before["stderr"] is not None:
            before["stderr"].write(_in_one_line(plugin, said) + "\n")
        kept.onward = before["stderr"]


def _in_one_line(plugin: str, said: str) -> str:
    """A single short line as it is; of anything else the beginning, and how much it was."""
    text = said.strip()
    if "\n" not in text and len(text) <= _LONGEST:
        return printable(text)
    beginning = printable(" ".join(text[:_LONGEST].split()))
    return f"Plugin {plugin!r} printed {len(said):,} characters while it was loaded: {beginning}…"
