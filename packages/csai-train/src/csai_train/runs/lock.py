"""One process at a time trains a run."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from csai_core import storage
from csai_train.errors import RunError

LOCK = "lock.json"
_TRIES, _SECONDS_BETWEEN_TRIES = 4, 0.05


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep a run to this process; the system lets go of it when the process ends, however it ends.

    What a process that was killed had left unfinished there is cleared away first.

    Raises:
        RunError: if another process has it, naming that one, or the directory cannot be written.
    """
    try:
        file = (directory / LOCK).open("a+")
    except OSError as error:
        raise RunError(f"The run {directory} cannot be written: {error}") from error
    with file:
        if not any(_take_or_wait(file) for _ in range(_TRIES)):
            raise RunError(
                f"{directory} is being trained by {_owner(directory)}. Stop that one first (Ctrl-C saves "
                "and stops), or train another run."
            )
        file.truncate(0)
        json.dump({"process": os.getpid(), "computer": platform.node(), "since": time.time()}, file)
        file.flush()
        storage.recover(directory)
        yield


def _take_or_wait(file: TextIO) -> bool:
    """Take the lock, or give one who only looks at it the time to let go."""
    if _take(file):
        return True
    time.sleep(_SECONDS_BETWEEN_TRIES)
    return False


def is_locked(directory: Path) -> bool:
    """Whether some process is training a run now."""
    try:
        with (directory / LOCK).open("r+") as file:
            return not _take(file)
    except OSError:
        return False


def _owner(directory: Path) -> str:
    with suppress(OSError, ValueError, KeyError):
        owner = json.loads((directory / LOCK).read_text())
        since = time.strftime("%H:%M:%S", time.localtime(owner["since"]))
        return f"process {owner['process']} on {owner['computer']} since {since}"
    return "another process"


if sys.platform == "win32":
    import msvcrt

    def _take(file: TextIO) -> bool:
        """Whether the file could be locked; bytes far behind its end are, so that it stays readable."""
        try:
            file.seek(1 << 30)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        file.seek(0)
        return True

else:
    import fcntl

    def _take(file: TextIO) -> bool:
        """Whether the file could be locked."""
        try:
            fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True
