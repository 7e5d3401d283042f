"""The feed of a run that is over, told again as it was told while it was trained, only faster."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from csai_train.runs.events_file import Event

USUAL_SECONDS = 30.0
"""How long a feed is played where nobody says how fast."""
_LONGEST_PAUSE = 3600.0
"""Seconds between two events that count at most: the machine slept, or the clock was set."""


class Playback:
    """Gives events when it is their time; a `FeedReader` that looks at the past.

    The time between a stop and the next start does not count.

    Args:
        events: of a run, as `read_events` gives them.
        speed: how many times as fast as it was; None plays all of it in half a minute, or as it was where
            that was shorter.
        clock: tells the time in seconds.
    """

    def __init__(
        self,
        events: Sequence[Event],
        speed: float | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._events = list(events)
        self._due = _seconds_after_start(events)
        self.speed = speed or max(1.0, self.seconds / USUAL_SECONDS)
        self._clock = clock
        self._began: float | None = None
        self._told = 0

    @property
    def seconds(self) -> float:
        """How long it all took."""
        return self._due[-1] if self._due else 0.0

    @property
    def is_over(self) -> bool:
        """Whether everything was told."""
        return self._told >= len(self._events)

    def new_events(self) -> list[Event]:
        """Those whose time has come since the last call, which the first call starts."""
        now = self._clock()
        self._began = now if self._began is None else self._began
        first = self._told
        while not self.is_over and self._due[self._told] / self.speed <= now - self._began:
            self._told += 1
        return self._events[first : self._told]


def _seconds_after_start(events: Sequence[Event]) -> list[float]:
    """For each event, how long after the first it came, without the time in which nothing was trained."""
    due, passed, before = [], 0.0, None
    for event in events:
        now = event.get("time", before)
        if now is not None and before is not None and event["event"] != "start":
            passed += min(max(now - before, 0.0), _LONGEST_PAUSE)
        before = now
        due.append(passed)
    return due
