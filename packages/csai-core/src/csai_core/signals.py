"""Ctrl-C and SIGTERM as exceptions, so that a program that is ended can save what it has."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = (signal.SIGINT, signal.SIGTERM)
_Handler = Callable[[int, FrameType | None], None]
_handlers: list[_Handler] = []
"""Whom `_answer` asks: the last. So both signals change hands at once, and none is lost between."""


@contextmanager
def interrupt_on_signals() -> Iterator[None]:
    """Turn SIGTERM inside into the KeyboardInterrupt that Ctrl-C is, so that both can be answered."""
    with handled_by(_interrupt):
        yield


@contextmanager
def deferred() -> Iterator[None]:
    """Have SIGINT and SIGTERM inside answered afterwards, as for what must be written once and whole."""
    received: list[int] = []
    try:
        with handled_by(lambda number, frame: received.append(number)):
            yield
    finally:
        for number in received[:1]:
            signal.raise_signal(number)


@contextmanager
def ignored() -> Iterator[None]:
    """Pay no heed to SIGINT and SIGTERM inside, as where a program says its last words after the first."""
    with handled_by(lambda number, frame: None):
        yield


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _answer(number: int, frame: FrameType | None) -> None:
    _handlers[-1](number, frame)


@contextmanager
def handled_by(handler: _Handler) -> Iterator[None]:
    """Have SIGINT and SIGTERM inside answered by a handler.

    Only the main thread of a program receives signals; in others nothing is changed. One that arrives while
    the handler comes or goes is answered by it or by whoever was asked before.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    depth = len(_handlers)
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    _handlers.append(_former(before, _handlers[-1:]))
    try:
        _handlers.append(handler)
        for number in _SIGNALS:
            signal.signal(number, _answer)
        yield
    finally:
        del _handlers[depth + 1 :]  # from here on as before, even if one that raises ends this
        for number, former in before.items():
            signal.signal(number, former)
        del _handlers[depth:]


def _former(before: Mapping[signal.Signals, Any], below: Sequence[_Handler]) -> _Handler:
    """What answers as was done before, while `_answer` may still be asked.

    Args:
        before: what Python has installed for each signal.
        below: whom `_answer` asked.
    """

    def answer(number: int, frame: FrameType | None) -> None:
        if before[signal.Signals(number)] is _answer:
            below[0](number, frame)
        else:
            signal.signal(number, before[signal.Signals(number)])
            signal.raise_signal(number)

    return answer
