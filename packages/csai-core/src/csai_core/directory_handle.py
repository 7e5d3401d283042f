"""Directories that are held open while somebody works in them, so that another in their place is noticed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from csai_core.errors import LostDirectoryError

_held: dict[str, DirectoryHandle] = {}


class DirectoryHandle:
    """An open directory; as long as it is open, no other can be taken for it.

    Where directories cannot be opened (Windows), the system itself keeps those in place in which a file
    is open.

    Args:
        path: the directory.

    Raises:
        OSError: if there is none.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.path.abspath(path)
        can_open = os.name != "nt"
        self.descriptor = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY) if can_open else None
        self._identity = _identity(self.path if self.descriptor is None else self.descriptor)

    def check(self) -> None:
        """Refuse to go on unless the directory is still where it was.

        Raises:
            LostDirectoryError: if it is not.
        """
        try:
            found = _identity(self.path)
        except OSError:
            found = None
        if found != self._identity:
            what = "is gone" if found is None else "was replaced by another of that name"
            raise LostDirectoryError(
                f"The folder {self.path} {what} while it was written to; nothing more is written there. "
                "Leave the folder of a training where it is until the training has ended."
            )

    def close(self) -> None:
        """Let go of the directory."""
        if self.descriptor is not None:
            os.close(self.descriptor)


@contextmanager
def held(path: str | os.PathLike[str]) -> Iterator[DirectoryHandle]:
    """Hold a directory in the block; `storage` writes below its path only while it is still there.

    Raises:
        OSError: if there is none.
    """
    handle = DirectoryHandle(path)
    first = _held.setdefault(handle.path, handle)
    try:
        yield handle
    finally:
        if first is handle:
            del _held[handle.path]
        handle.close()


def handle_of(path: str | os.PathLike[str]) -> DirectoryHandle | None:
    """The innermost held directory that a path is or lies in; None where none is."""
    place = os.path.abspath(path)
    while place not in _held:
        parent = os.path.dirname(place)
        if parent == place:
            return None
        place = parent
    return _held[place]


def check(path: str | os.PathLike[str]) -> None:
    """Refuse to write to a path in a held directory that is no longer there.

    Raises:
        LostDirectoryError: naming the directory.
    """
    if _held and (handle := handle_of(path)) is not None:
        handle.check()


def _identity(directory: int | str) -> tuple[int, int]:
    status = os.stat(directory)
    return status.st_dev, status.st_ino
