"""Storage: files and directories that are whole or as they were, after a crash and on a full disk too.

What is written goes to a temporary name in the same directory, is flushed to the disk, and only then takes
its name. Every file that a csai package writes goes this way, except those that only grow (see `lines_file`).
In a directory that is held (see `directory_handle`), nothing is written once another has taken its place, and
links are replaced rather than followed.
"""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from csai_core import directory_handle

_LONGEST_STEM = 50
"""Characters of a name that its temporary name repeats; file systems allow 255 bytes in all."""


def write(path: str | os.PathLike[str], content: str | bytes, *, is_lasting: bool = True) -> None:
    """Write a file; an older one of that name is replaced only once the new one is on the disk.

    Args:
        path: the file's name; directories on the way to it are made.
        content: its bytes, or a text to be encoded as UTF-8.
        is_lasting: whether to wait for the disk. What is written every few seconds, and is of no use later,
            is replaced whole too, but may be lost where the machine stops.

    Raises:
        OSError: if it cannot be written; what was there before is untouched.
    """
    with replacement(path, is_lasting=is_lasting) as unfinished:
        unfinished.write_bytes(content.encode() if isinstance(content, str) else content)


@contextmanager
def replacement(
    path: str | os.PathLike[str], *, overwrite: bool = True, is_lasting: bool = True
) -> Iterator[Path]:
    """A temporary place for what shall be at `path`; it takes that place when the block ends well.

    Put a file there, or a directory with everything in it. Several processes may replace a file at the same
    time, and one of them wins; a directory must have only one writer.

    Args:
        path: the final place; directories on the way to it are made. Where it is a pipe or a device, the
            block writes to it directly.
        overwrite: whether what is there gives way; False refuses, unless that is an empty directory, and
            refuses also a directory that another process puts there meanwhile.
        is_lasting: whether to wait for the disk; see `write`.

    Yields:
        A name in the same directory, with the same suffix, where nothing is yet.

    Raises:
        OSError: if it cannot be written; what was there before is untouched.
        LostDirectoryError: if it lies in a held directory that is no longer there.
    """
    path = Path(path)
    handle = directory_handle.handle_of(path)
    if handle is not None:
        handle.check()
    elif path.exists() and not (path.is_file() or path.is_dir()):
        yield path
        return
    else:
        path = Path(os.path.realpath(path))  # a link stays one, and what it leads to is replaced
    stem = path.stem[:_LONGEST_STEM]
    unfinished = path.with_name(f".{stem}.{secrets.token_hex(4)}.unfinished{path.suffix}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield unfinished
        if is_lasting:
            _flush(unfinished)
        directory_handle.check(path)
        _move(unfinished, path, overwrite)
        if is_lasting:
            _flush_entries(path.parent)
    finally:
        _remove(unfinished)


def remove(path: Path) -> None:
    """Remove a file, or a directory with all that is in it, as far as that is possible.

    Raises:
        LostDirectoryError: if it lies in a held directory that is no longer there.
    """
    directory_handle.check(path)
    _remove(path)


def recover(directory: Path) -> None:
    """Clear away what killed writers have left in a directory and below it; nobody may be writing there.

    A directory that had made way for one that never came is put back.
    """
    for replaced in list(directory.rglob(".*.replaced")):
        place = replaced.with_name(replaced.name[1:].rsplit(".", 2)[0])
        if place.exists():
            _remove(replaced)
        else:
            replaced.rename(place)
    for unfinished in list(directory.rglob(".*.unfinished*")):
        _remove(unfinished)


def _move(unfinished: Path, path: Path, overwrite: bool) -> None:
    if not overwrite and path.exists() and not is_empty_directory(path):
        raise FileExistsError(errno.EEXIST, "it exists already", str(path))
    if os.name == "nt" and not overwrite:  # other systems replace an empty directory in the same step
        with suppress(OSError):
            path.rmdir()
    if overwrite and path.is_dir() and unfinished.is_dir():
        _move_over_directory(unfinished, path)
    else:
        os.replace(unfinished, path)


def is_empty_directory(path: Path) -> bool:
    """Whether there is a directory with nothing in it."""
    return path.is_dir() and not any(path.iterdir())


def _move_over_directory(unfinished: Path, path: Path) -> None:
    """No system replaces a directory in one step; `recover` puts back what a crash left between two."""
    replaced = path.with_name(f".{path.name}.{secrets.token_hex(4)}.replaced")
    path.rename(replaced)
    try:
        unfinished.rename(path)
    except BaseException:
        replaced.rename(path)
        raise
    _flush_entries(path.parent)
    _remove(replaced)


def _flush(path: Path) -> None:
    """Have the disk hold a file, or a directory with everything in it."""
    if not path.is_dir():
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        return
    for entry in path.iterdir():
        _flush(entry)
    _flush_entries(path)


def _flush_entries(directory: Path) -> None:
    """Have the disk hold which names a directory contains."""
    if os.name == "nt":  # Windows cannot open a directory, and makes renames durable itself
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(path: Path) -> None:
    with suppress(OSError):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
