"""How many threads numpy and torch may use while an algorithm trains.

Numpy's products have one number for the whole process, torch has one for each thread of the program and one
for those to come. Several trainings may run at once, in threads that begin and end in any order.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from threadpoolctl import threadpool_limits

from csai_core.arguments import check_int

_MOST = 1024


def check_threads(count: int) -> int:
    """A number of threads, of Python or of numpy, as an int; before anything is written.

    Raises:
        ConfigError: unless it is an integer from 1 to 1024.
    """
    return check_int("The training", "threads", count, least=1, most=_MOST)


@contextmanager
def limited_threads(count: int) -> Iterator[None]:
    """Let numpy's products and torch use `count` threads inside, and as many as before afterwards.

    Small networks train several times faster with one thread than with two: handing out the work costs
    more than the work. Where torch was never imported, it is left alone. While several ask for different
    numbers at once, the smallest holds for numpy's products.

    Raises:
        ConfigError: unless `count` is an integer from 1 to 1024.
    """
    count = check_threads(count)
    _LIMITS.enter(count)
    try:
        yield
    finally:
        _LIMITS.leave(count)


class _Limits:
    """All that was asked for and is not over; what was before is noted by the first, restored by the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: list[int] = []
        self._before: Any = None
        self._torch_before: int | None = None
        self._here = _Here()

    def enter(self, count: int) -> None:
        with self._lock:
            if not self._asked:
                self._before, self._torch_before = threadpool_limits(limits=None), None
            self._asked.append(count)
            threadpool_limits(min(self._asked), user_api="blas")
            self._here.asked.append(count)
            if torch := sys.modules.get("torch"):
                self._torch_before = self._torch_before or torch.get_num_threads()
                torch.set_num_threads(count)

    def leave(self, count: int) -> None:
        with self._lock:
            self._asked.remove(count)
            self._here.asked.pop()
            if self._asked:
                threadpool_limits(min(self._asked), user_api="blas")
            else:
                self._before.restore_original_limits()
            if self._torch_before:
                outer = self._here.asked[-1:] or [self._torch_before]
                sys.modules["torch"].set_num_threads(outer[0])


class _Here(threading.local):
    """What was asked for in this thread, the outermost first."""

    def __init__(self) -> None:
        self.asked: list[int] = []


_LIMITS = _Limits()
