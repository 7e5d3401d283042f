"""One process at a time trains a run."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TextIO

from csai_core import storage
from csai_core.decoding import in_words, open_file, parse_json, read_bytes
from csai_core.directory_handle import held
from csai_core.terminal import printable
from csai_train.errors import RunError

LOCK = "lock.json"
_LARGEST = 10_000
"""Bytes."""
_TRIES, _SECONDS_BETWEEN_TRIES = 4, 0.05


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """Keep a run to this process; the system lets go of it when the process ends, however it ends.

    What a process that was killed had left unfinished there is cleared away first. Until the block ends, the
    directory is held: nothing is written once another has taken its place.

    Raises:
        RunError: if another process has it, naming that one, the directory cannot be written, or it holds
            links or pipes.
    """
    with ExitStack() as stack:
        try:
            handle = stack.enter_context(held(directory))
            _refuse_links(directory)
            file = stack.enter_context(_open(directory, os.O_CREAT, handle.descriptor))
        except OSError as error:
            raise RunError(f"The run {directory} cannot be written: {in_words(error)}.") from error
        if not any(_take_or_wait(file) for _ in range(_TRIES)):
            raise RunError(
                f"{directory} is being trained by {_owner(directory)}. Stop that one first (Ctrl-C saves "
                "and stops), or train another run."
            )
        handle.check()
        file.truncate(0)
        json.dump({"process": os.getpid(), "computer": platform.node(), "since": time.time()}, file)
        file.flush()
        storage.recover(directory)
        yield


def _open(directory: Path, flags: int = 0, descriptor: int | None = None) -> TextIO:
    """The lock's file, below the directory that is open as `descriptor`, or at its path."""
    path = directory / LOCK if descriptor is None else Path(LOCK)
    flags |= os.O_RDWR | os.O_APPEND
    return os.fdopen(open_file(path, flags, follow_links=False, directory=descriptor), "a+")


def _refuse_links(directory: Path) -> None:
    """Refuse a run through which a training would write elsewhere, or wait for ever."""
    for entry in [*os.scandir(directory), *_entries(directory / "checkpoints")]:
        if not (entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False)):
            raise RunError(
                f"{entry.path} is a link, a pipe or a device, and a run that is trained holds only files and "
                "folders. Remove it, or copy there what it leads to."
            )


def _entries(directory: Path) -> list[os.DirEntry[str]]:
    return list(os.scandir(directory)) if directory.is_dir() else []


def _take_or_wait(file: TextIO) -> bool:
    """Take the lock, or give one who only looks at it the time to let go."""
    if _take(file):
        return True
    time.sleep(_SECONDS_BETWEEN_TRIES)
    return False


def is_locked(directory: Path) -> bool:
    """Whether some process is training a run now."""
    try:
        with _open(directory) as file:
            return not _take(file)
    except OSError:
        return False


def _owner(directory: Path) -> str:
    with suppress(Exception):  # whatever stands there, it is only for the message
        owner = parse_json(read_bytes(directory / LOCK, at_most=_LARGEST, follow_links=False))
        since = time.strftime("%H:%M:%S", time.localtime(owner["since"]))
        return f"process {int(owner['process'])} on {printable(owner['computer'])} since {since}"
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
