"""Hands the newest weights to whoever watches a training, and does nothing where nobody does."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING

from csai_core import storage
from csai_core.errors import CsaiError
from csai_train.events import Callback
from csai_train.runs import snapshot
from csai_train.runs.audience import LIVE, WEIGHTS, Audience
from csai_train.runs.run import Run

if TYPE_CHECKING:
    from csai_train.training.loop import Training

LOOK_SECONDS, WRITE_SECONDS = 1.0, 2.0
"""How often it is looked whether somebody watches, and how often weights are written at most."""
_DEAREST = 200.0
"""Where writing takes long, it is waited for so many times as long."""
_MOST_UPDATES = 10_000


class LiveWeights(Callback):
    """Writes a snapshot to `live/` in a run every two seconds while somebody watches; see `runs.audience`.

    The clock is asked about four times a second, whatever the updates take. A snapshot that cannot be written
    is left out: the training is not told, as nothing of it is lost.

    Args:
        run: where to write.
        clock: tells the time in seconds.
    """

    def __init__(self, run: Run, clock: Callable[[], float] = time.monotonic) -> None:
        self._run = run
        self._clock = clock
        self._audience = Audience(run.path, clock)
        self._stride = self._left = 1
        self._asked_at = self._look_at = self._write_at = clock()

    def start(self, training: Training) -> None:
        """Remove what an earlier training has left there."""
        with suppress(OSError):
            (self._run.path / LIVE / WEIGHTS).unlink(missing_ok=True)

    def update(self, training: Training, metrics: Mapping[str, float]) -> None:
        """Count updates, as weights change by nothing else, and look at the clock now and then."""
        self._left -= 1
        if not self._left:
            self._ask(training)

    def stop(self, training: Training) -> None:
        """Leave the last weights to whoever watches to the end."""
        if self._audience.is_there():
            self._write(training)

    def _ask(self, training: Training) -> None:
        now = self._clock()
        passed, self._asked_at = now - self._asked_at, now
        self._stride = self._left = min(max(1, int(self._stride * 0.25 / max(passed, 0.01))), _MOST_UPDATES)
        if now < self._look_at:
            return
        self._look_at = now + LOOK_SECONDS
        if self._audience.is_there() and now >= self._write_at:
            self._write(training)
            took = self._clock() - now
            self._write_at = now + max(WRITE_SECONDS, _DEAREST * took)

    def _write(self, training: Training) -> None:
        with suppress(OSError, CsaiError):
            kept = snapshot.of(training, self._run.algorithm_name)
            storage.write(self._run.path / LIVE / WEIGHTS, snapshot.to_bytes(kept), is_lasting=False)
