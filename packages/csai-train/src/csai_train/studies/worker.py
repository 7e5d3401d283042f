"""What the process of a seed does: its job, while its warnings go to the one that started it."""

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
from csai_train.errors import TrainingWarning


class Message(NamedTuple):
    """What a process tells of its job."""

    kind: str
    """"warning", or at the end "done", "stopped" or "failed"."""
    text: str = ""


def work(job: bytes, told: Connection) -> None:
    """Carry out a job, and tell what came of it.

    Args:
        job: `Job.carry_out` in gymnasium's `CloudpickleWrapper`, pickled.
        told: takes messages.
    """
    _stand_alone()
    with warnings.catch_warnings(), contextlib.suppress(OSError):  # nobody listens any more
        _hand_on_warnings(told)
        try:
            is_done = pickle.loads(job).fn()
            told.send(Message("done" if is_done else "stopped"))
        except KeyboardInterrupt:
            told.send(Message("stopped"))
        except CsaiError as error:
            told.send(Message("failed", str(error)))
        except Exception:
            told.send(Message("failed", traceback.format_exc()))


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
