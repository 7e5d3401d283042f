"""What this machine has memory for, asked before the memory is."""

from __future__ import annotations

import os

from csai_core.errors import ConfigError

__all__ = ["require_memory"]


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
    if available is not None and needed > available:
        raise ConfigError(
            f"{what} needs {needed / 2**30:,.1f} GiB of memory, but this machine has "
            f"{available / 2**30:.1f} GiB. {cure}"
        )


def _memory_of_machine() -> int | None:
    """Bytes of memory, where the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
