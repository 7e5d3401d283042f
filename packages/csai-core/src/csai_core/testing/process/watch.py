"""What a piece of code does to the process it runs in: what it prints, writes, and sets."""

from __future__ import annotations

import io
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from typing import Any
from unittest import mock

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC
_CHANGES_FILES = {
    "os.mkdir": "makes the folder",
    "os.rename": "renames",
    "os.remove": "deletes",
    "os.rmdir": "deletes the folder",
    "sqlite3.connect": "opens the database",
}
_NOBODYS = (os.devnull, "/dev/", "/proc/", "__pycache__")
_OF_SDL = ("SDL_", "PYGAME_")
"""Environment variables are the one way to tell these libraries what to do."""
_SLEEP = time.sleep
Events = list[tuple[str, tuple[Any, ...]]]


class Watched:
    """What happened while code was watched.

    Attributes:
        output: what was printed or written to standard output and standard error.
        files: sentences about files that were written or changed.
        variables: names of environment variables that were set.
        num_sleeps: how often it slept.
    """

    def __init__(self) -> None:
        self.output = ""
        self.files: list[str] = []
        self.variables: list[str] = []
        self.num_sleeps = 0
        self._thread = threading.current_thread()

    def sleep(self, seconds: float) -> None:
        """Stands in place of `time.sleep`; threads of its own may sleep."""
        self.num_sleeps += threading.current_thread() is self._thread
        _SLEEP(seconds)


@contextmanager
def watching() -> Iterator[Watched]:
    """Watch what the code inside does to the process; output is kept from the screen."""
    watched, here = Watched(), _listing()
    variables = dict(os.environ)
    with ExitStack() as stack:
        written = stack.enter_context(_output_kept())
        stack.enter_context(mock.patch.object(time, "sleep", watched.sleep))
        events = _REPORTS.begin()
        try:
            yield watched
        finally:
            _REPORTS.end()
            watched.variables = _set_in(events)
            _restore(variables)
            watched.files = _written_in(events) or sorted(
                f"It changes {name} of the working folder" for name in _listing() ^ here
            )
            watched.output = written()


@contextmanager
def _output_kept() -> Iterator[Callable[[], str]]:
    """Keep what is printed, and what is written to the descriptors 1 and 2, from the screen."""
    said = io.StringIO()
    with tempfile.TemporaryFile() as file, redirect_stdout(said), redirect_stderr(said):
        kept = [(number, os.dup(number)) for number in (1, 2)]
        quiet, logging.lastResort = logging.lastResort, None
        complains, logging.raiseExceptions = logging.raiseExceptions, False
        for number, _ in kept:
            os.dup2(file.fileno(), number)

        def written() -> str:
            file.seek(0)
            return said.getvalue() + file.read().decode(errors="replace")

        try:
            yield written
        finally:
            logging.lastResort, logging.raiseExceptions = quiet, complains
            for number, copy in kept:
                os.dup2(copy, number)
                os.close(copy)


class _Reports:
    """What Python reports of files and variables; its hook cannot be taken away again, so it can be deaf."""

    def __init__(self) -> None:
        self._events: Events | None = None
        self._is_listening = False

    def begin(self) -> Events:
        """Hear of all that happens from now on, in the list that is given."""
        if not self._is_listening:
            sys.addaudithook(self._note)
            self._is_listening = True
        self._events = []
        return self._events

    def end(self) -> None:
        """Hear of nothing more."""
        self._events = None

    def _note(self, event: str, details: tuple[Any, ...]) -> None:
        if self._events is not None and event in _NOTED:
            self._events.append((event, details))


_REPORTS = _Reports()
_NOTED = frozenset({*_CHANGES_FILES, "open", "os.putenv", "os.unsetenv"})


def _written_in(events: Events) -> list[str]:
    found = []
    for event, details in events:
        path = details[0]
        is_of_a_folder = event in ("os.remove", "os.rmdir") and details[1] != -1  # one of shutil.rmtree's
        if isinstance(path, int) or path is None or is_of_a_folder:
            continue
        path = os.fsdecode(path)
        if any(part in path for part in _NOBODYS) or _was_temporary(path):
            continue
        if event == "open" and _is_writing(details[1], details[2]):
            found.append(f"It writes the file {path}")
        elif event in _CHANGES_FILES:
            found.append(f"It {_CHANGES_FILES[event]} {path}")
    return list(dict.fromkeys(found))


def _was_temporary(path: str) -> bool:
    """Whether it lay in the folder for temporary files, and is gone."""
    return path.startswith(tempfile.gettempdir()) and not os.path.exists(path)


def _is_writing(mode: str | None, flags: int) -> bool:
    return bool(set(mode) & set("wax+")) if isinstance(mode, str) else bool(flags & _WRITING)


def _set_in(events: Events) -> list[str]:
    names = [os.fsdecode(details[0]) for event, details in events if event in ("os.putenv", "os.unsetenv")]
    return [name for name in dict.fromkeys(names) if not name.startswith(_OF_SDL)]


def _restore(variables: dict[str, str]) -> None:
    if dict(os.environ) != variables:
        os.environ.clear()
        os.environ.update(variables)


def _listing() -> set[tuple[str, int, int]]:
    found = set()
    with os.scandir() as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                about = entry.stat(follow_symlinks=False)
                found.add((entry.name, about.st_size, about.st_mtime_ns))
    return found
