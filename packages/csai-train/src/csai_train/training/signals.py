"""Ctrl-C and SIGTERM: the first lets a training finish its step and save, the second stops at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from csai_core.signals import handled_by
from csai_train.events import Session


@contextmanager
def stop_on_signals(training: Session) -> Iterator[None]:
    """Turn the first SIGINT or SIGTERM inside into `training.stop_requested`."""

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        if training.stop_requested:
            raise KeyboardInterrupt
        training.stop_requested = True

    with handled_by(ask_to_stop):
        yield
