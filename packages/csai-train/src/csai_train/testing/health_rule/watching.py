"""What a rule of health does while it is asked: how many lines it runs, and whether it sleeps."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any
from unittest import mock

MOST_LINES = 20_000
"""Of Python, run for one question about fifty checks; ours run a few hundred."""


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """Let the clocks go ahead meanwhile."""
    with ExitStack() as stack:
        for name in ("time", "monotonic", "perf_counter"):
            now = getattr(time, name)() + seconds
            stack.enter_context(mock.patch.object(time, name, return_value=now))
        local = time.localtime(time.time())
        stack.enter_context(mock.patch.object(time, "localtime", return_value=local))
        yield


@contextmanager
def watched() -> Iterator[dict[str, int]]:
    """Counts the lines of Python that are run inside, until they are too many, and how often it sleeps."""
    counted = {"lines": 0, "sleeps": 0}

    def count(frame: FrameType, event: str, argument: Any) -> Any:
        counted["lines"] += 1
        return count if counted["lines"] <= MOST_LINES else None

    def slept(seconds: float) -> None:
        counted["sleeps"] += 1

    before = sys.gettrace()
    with mock.patch.object(time, "sleep", slept):
        sys.settrace(count)
        try:
            yield counted
        finally:
            sys.settrace(before)
