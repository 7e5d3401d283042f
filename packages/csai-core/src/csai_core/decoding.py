"""Files from elsewhere: limits first, then decoding, and one error for whatever is wrong with them.

Whatever csai decodes passes through here, so that a file that is damaged, made to harm, or simply another
costs neither the memory nor a traceback.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from csai_core.errors import CsaiError

Json = Any
DEEPEST = 64
"""How deep JSON and TOML may be nested; csai's own needs a dozen levels."""


def read_bytes(path: str | os.PathLike[str], *, at_most: int, follow_links: bool = True) -> bytes:
    """What a file holds.

    Args:
        path: the file.
        at_most: how many bytes it may have.
        follow_links: whether it may be a symbolic link.

    Raises:
        OSError: if it cannot be read, is no file but a folder, a pipe or a device, or is larger.
    """
    with os.fdopen(open_file(path, os.O_RDONLY, follow_links=follow_links), "rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size > at_most:
            raise OSError(errno.EFBIG, f"it has {size:,} bytes, and may have {at_most:,}", str(path))
        return file.read(at_most)


def open_file(
    path: str | os.PathLike[str], flags: int, *, follow_links: bool = True, directory: int | None = None
) -> int:
    """Open a regular file, without ever waiting for the other end of a pipe.

    Args:
        path: the file.
        flags: as of `os.open`.
        follow_links: whether it may be a symbolic link.
        directory: an open directory that a relative path starts from.

    Returns:
        Its descriptor.

    Raises:
        OSError: if it cannot be opened, or is no file.
    """
    flags |= getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
    if not follow_links:
        flags |= getattr(os, "O_NOFOLLOW", 0)
    try:
        descriptor = os.open(path, flags, 0o666, dir_fd=directory)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise OSError(errno.ELOOP, "it is a symbolic link, which is not followed", str(path)) from error
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no file, but a folder, a pipe or a device", str(path))
    return descriptor


def parse_json(data: str | bytes) -> Json:
    """The value that a JSON text holds.

    Raises:
        ValueError: if it is no JSON, or nested deeper than `DEEPEST`.
    """
    try:
        value = json.loads(data)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    _require_shallow(value)
    return value


def parse_toml(data: bytes) -> dict[str, Any]:
    """What a TOML file holds.

    Raises:
        ValueError: if it is no TOML in UTF-8, or nested deeper than `DEEPEST`.
    """
    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    except ValueError as error:
        raise ValueError(f"it is no TOML: {error}") from error
    _require_shallow(document)
    return document


def _require_shallow(value: Any) -> None:
    level = [value]
    for _ in range(DEEPEST):
        level = [part for each in level for part in _parts(each) if isinstance(part, (dict, list))]
        if not level:
            return
    raise ValueError(f"it is nested more than {DEEPEST} levels deep")


def _parts(value: Json) -> Any:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


@contextmanager
def decoding(what: object, error_type: type[CsaiError], advice: str = "") -> Iterator[None]:
    """Decode a file in the block: whatever it raises becomes one error.

    A missing file stays a FileNotFoundError.

    Args:
        what: the file and, if it helps, what it should hold: "x.npz, a demonstration,".
        error_type: what is raised.
        advice: what to do, as sentences.

    Raises:
        CsaiError: of that type, saying what is wrong.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except Exception as error:
        message = f"{what} cannot be read: {in_words(error)}"
        raise error_type(f"{message.rstrip('.')}.{' ' if advice else ''}{advice}") from error


def in_words(error: BaseException) -> str:
    """What went wrong, where an error's own message may be empty or only the name of a key."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    if isinstance(error, KeyError):
        return f"it lacks {error}"
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    if isinstance(error, MemoryError):
        return "it asks for more memory than there is"
    text = str(error)
    if text and isinstance(error, (CsaiError, ValueError)):
        return text
    return f"{type(error).__name__}: {text}".rstrip(": ")
