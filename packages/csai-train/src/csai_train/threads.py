"""How many threads numpy and torch may use while an algorithm trains."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def limited_threads(count: int) -> Iterator[None]:
    """Let numpy's products and torch use `count` threads inside, and as many as before afterwards.

    Small networks train several times faster with one thread than with two: handing out the work costs
    more than the work. Where torch was never imported, it is left alone.
    """
    torch = sys.modules.get("torch")
    before = None if torch is None else torch.get_num_threads()
    with threadpool_limits(count, user_api="blas"):
        if torch is not None:
            torch.set_num_threads(count)
        try:
            yield
        finally:
            if torch is not None:
                torch.set_num_threads(before)
