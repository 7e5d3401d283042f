"""How many threads numpy and torch may use while an algorithm trains."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

from csai_core.arguments import check_int


def check_threads(count: int) -> None:
    """Refuse what is no number of threads, before anything is written.

    Raises:
        ConfigError: unless it is an integer of 1 or more.
    """
    check_int("The training", "threads", count, least=1)


@contextmanager
def limited_threads(count: int) -> Iterator[None]:
    """Let numpy's products and torch use `count` threads inside, and as many as before afterwards.

    Small networks train several times faster with one thread than with two: handing out the work costs
    more than the work. Where torch was never imported, it is left alone.

    Raises:
        ConfigError: unless `count` is an integer of 1 or more.
    """
    check_threads(count)
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
