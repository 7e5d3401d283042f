"""Who watches a training: readers say so by touching a file, so that nothing is done for nobody.

`live/watched` is touched by every view about once a second. The training looks at it now and then, and writes
its newest weights to `live/weights.safetensors` as long as it is touched.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

LIVE = "live"
WATCHED, WEIGHTS = "watched", "weights.safetensors"
PATIENCE_SECONDS = 6.0
"""How long somebody counts as watching who was heard of last."""


def say_watching(run: Path) -> None:
    """Tell the training of a run that somebody watches; where nothing can be written, it is not told."""
    place = run / LIVE / WATCHED
    with suppress(OSError):
        if not (run / LIVE).is_dir():
            (run / LIVE).mkdir()
        if place.is_symlink() or (run / LIVE).is_symlink():
            return
        place.touch()
        os.utime(place)


class Audience:
    """Whether somebody watches, as the training sees it.

    It goes by whether the file's time changes, not by what it is: clocks of two machines differ.

    Args:
        run: the run's folder.
        clock: tells the time in seconds.
    """

    def __init__(self, run: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = run / LIVE / WATCHED
        self._clock = clock
        self._touched = self._time()
        self._heard_at: float | None = None

    def is_there(self) -> bool:
        """Whether somebody has been heard of in the last seconds."""
        touched, now = self._time(), self._clock()
        if touched != self._touched:
            self._touched, self._heard_at = touched, now
        return self._heard_at is not None and now - self._heard_at < PATIENCE_SECONDS

    def _time(self) -> int | None:
        try:
            return os.stat(self._path).st_mtime_ns
        except OSError:
            return None
