"""Files of lines that only grow, as feeds do: whatever tears a line, the next one stands whole."""

from __future__ import annotations

import os

from csai_core import directory_handle
from csai_core.decoding import open_file


class LinesFile:
    """A file that lines are added to; one that a crash or a full disk has torn is ended before the next.

    It stays open, so that another file in its place is never written to.

    Args:
        path: the file; it is made if it is not there, and may not be a link.

    Raises:
        OSError: if it cannot be written.
        LostDirectoryError: if it lies in a held directory that is no longer there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        directory_handle.check(path)
        self._file = open_file(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, follow_links=False)
        size = os.lseek(self._file, 0, os.SEEK_END)
        os.lseek(self._file, max(0, size - 1), os.SEEK_SET)
        self._is_torn = os.read(self._file, 1) not in (b"", b"\n")

    def write(self, lines: bytes) -> None:
        """Add whole lines, by one write where the disk allows it.

        Raises:
            OSError: if the disk takes only a part of them, or nothing.
        """
        rest = b"\n" + lines if self._is_torn else lines
        while rest:
            written = os.write(self._file, rest)
            self._is_torn = rest[written - 1] != ord("\n") if written else self._is_torn
            rest = rest[written:]

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)
