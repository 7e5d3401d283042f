"""What every place is asked: to take a run in one file, and to give it back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import IO

from csai_train.errors import RunError

LARGEST = 2**30
"""Bytes that are pulled, unless more are allowed."""
_CHUNK = 2**20


class Hub(ABC):
    """A place for runs in one file. It moves bytes; what they are is for whoever pulls them to see.

    Args:
        where: which place.
        largest: how many bytes are pulled from it at most.
    """

    def __init__(self, where: str, largest: int = LARGEST) -> None:
        self.where, self.largest = where, largest

    @abstractmethod
    def push(self, path: Path, name: str) -> None:
        """Take the file at `path`, as `name`.

        Raises:
            RunError: if it takes none, or has another of that name.
        """

    @abstractmethod
    def pull(self, name: str, into: Path) -> None:
        """Write what is called `name` to the new file `into`, whole.

        Raises:
            RunError: if it is too large, or ends early.
        """

    def copy(self, source: IO[bytes], into: Path) -> int:
        """Write what is read to a new file, no further than the limit; how many bytes those were.

        Raises:
            RunError: if there is more.
        """
        size = 0
        with into.open("xb") as target:
            while chunk := source.read(_CHUNK):
                size += len(chunk)
                self.require_small(size)
                target.write(chunk)
        return size

    def require_small(self, size: int) -> None:
        """Refuse what has more bytes than may be pulled.

        Raises:
            RunError: saying how to allow more.
        """
        if size > self.largest:
            raise RunError(f"it has more than {self.largest // 2**20:,} MiB; --largest MIB allows more")
