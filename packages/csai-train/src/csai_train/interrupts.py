"""Ctrl-C and SIGTERM during a training: the first lets it finish its step, the second stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from csai_train.training import Training


@contextmanager
def stop_on_signals(training: Training) -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM inside into `training.stop_requested`.

    Only the main thread of a program receives signals; in others nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        if training.stop_requested:
            raise KeyboardInterrupt
        training.stop_requested = True

    before = {number: signal.signal(number, ask_to_stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
