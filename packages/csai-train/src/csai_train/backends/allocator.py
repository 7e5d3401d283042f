"""What the C library does with memory that is freed: a fifth of the time of learning from pictures.

An update of a convolutional network makes and frees tensors of tens of MiB. glibc gives such memory back to
the system at once, which then clears every page of it again for the next update.
"""

from __future__ import annotations

import ctypes
import functools
import os
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""What glibc's `mallopt` calls them, see mallopt(3)."""
_KEPT = 2**30
"""Bytes: so much that is free is kept, and tensors of up to this size are made of it."""


@functools.cache
def keep_freed_memory() -> bool:
    """Have this process keep up to 1 GiB of freed memory and use it again, from now on.

    It does nothing where there is no glibc, or where the environment says how memory is to be kept
    (`MALLOC_TRIM_THRESHOLD_` or any other `MALLOC_…_`, and `GLIBC_TUNABLES`).

    Returns:
        Whether it is so now.
    """
    is_told = any(name.startswith("MALLOC_") or name == "GLIBC_TUNABLES" for name in os.environ)
    if sys.platform != "linux" or is_told:
        return False
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and all(mallopt(each, _KEPT) for each in (_TRIM_THRESHOLD, _MMAP_THRESHOLD))
