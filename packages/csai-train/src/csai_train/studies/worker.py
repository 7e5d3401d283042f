"""What a process at work does: one job after the other, while its warnings go to the one that started it."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import pickle
import signal
import threading
import traceback
import warnings
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from csai_core.errors import CsaiError
from csai_train.errors import NonFiniteError, TrainingWarning

ENDINGS = ("done", "stopped", "failed", "diverged")
"""The kinds of messages after which nothing follows of a job."""


class Message(NamedTuple):
    """What a process tells of its job."""

    kind: str
    """"warning", or at the end one of `ENDINGS`."""
    text: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether it says that the job cannot be done."""
        return self.kind in ("failed", "diverged")


def work(connection: Connection) -> None:
    """Carry out jobs until no more come, and tell what came of each.

    Args:
        connection: brings `carry_out` of each `Work` in gymnasium's `CloudpickleWrapper`, pickled, and takes
            messages.
    """
    _stand_alone()
    with warnings.catch_warnings(), contextlib.suppress(EOFError, OSError):  # nobody is there any more
        _hand_on_warnings(connection)
        while True:
            connection.send(_outcome(connection.recv_bytes()))


def _outcome(job: bytes) -> Message:
    """What came of a job."""
    try:
        return Message("done" if pickle.loads(job).fn() else "stopped")
    except KeyboardInterrupt:
        return Message("stopped")
    except NonFiniteError as error:
        return Message("diverged", str(error))
    except CsaiError as error:
        return Message("failed", str(error))
    except Exception:
        return Message("failed", traceback.format_exc())


def _stand_alone() -> None:
    """Leave Ctrl-C to the process that started this one, and stop when that one is gone."""
    if hasattr(os, "setpgrp"):
        os.setpgrp()
    parent = multiprocessing.parent_process()

    def stop_after(sentinel: Any) -> None:
        multiprocessing.connection.wait([sentinel])
        os.kill(os.getpid(), signal.SIGTERM)

    if parent is not None:
        threading.Thread(target=stop_after, args=(parent.sentinel,), daemon=True).start()


def _hand_on_warnings(told: Connection) -> None:
    before = warnings.showwarning

    def showwarning(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        if issubclass(category, TrainingWarning):
            told.send(Message("warning", str(message)))
        else:
            before(message, category, *where, **more)

    warnings.simplefilter("always", TrainingWarning)
    warnings.showwarning = showwarning
