"""What this machine has memory for, asked before the memory is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from csai_core.errors import ConfigError

__all__ = ["require_memory", "summed"]

_asked_for: ContextVar[list[int] | None] = ContextVar("asked_for", default=None)
"""How many bytes were asked for so far, one part after the other, inside of `summed`."""


@contextmanager
def summed() -> Iterator[None]:
    """Have what is asked for in the block, part by part, be there at once: as the layers of a network are."""
    if _asked_for.get() is not None:
        yield
        return
    token = _asked_for.set([])
    try:
        yield
    finally:
        _asked_for.reset(token)


def require_memory(what: str, needed: int, cure: str) -> None:
    """Refuse what this machine has no memory for, before it is taken.

    Args:
        what: what needs it, as a sentence begins.
        needed: how many bytes.
        cure: a sentence that says what to do instead.

    Raises:
        ConfigError: if there is not so much, with both numbers.
    """
    available = _memory_of_machine()
    asked_for = _asked_for.get()
    before = sum(asked_for or ())
    if available is not None and before + needed > available:
        beside = f" beside {before / 2**30:,.1f} GiB of what comes before it" if before >= 2**27 else ""
        raise ConfigError(
            f"{what} needs {needed / 2**30:,.1f} GiB of memory{beside}, but this machine has "
            f"{available / 2**30:.1f} GiB. {cure}"
        )
    if asked_for is not None:
        asked_for.append(needed)


def _memory_of_machine() -> int | None:
    """Bytes of memory, where the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
