"""Ctrl-C and SIGTERM: the first lets a training finish its step and save, the second stops at once."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from csai_train.events import Session

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stop_on_signals(training: Session) -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM inside into `training.stop_requested`."""

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        if training.stop_requested:
            raise KeyboardInterrupt
        training.stop_requested = True

    with _handled_by(ask_to_stop):
        yield


@contextmanager
def interrupt_on_signals() -> Iterator[None]:
    """Turn SIGTERM inside into the KeyboardInterrupt that Ctrl-C is, so that both can be answered."""
    with _handled_by(_interrupt):
        yield


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _handled_by(handler: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Only the main thread of a program receives signals; in others nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, handler) for number in _SIGNALS}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)
