"""The files that a dataset comes in: where they are, whether they are whole, and what to do without them."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from csai_core.decoding import in_words, read_bytes
from csai_train.errors import DamagedFileError

LARGEST = 2**30
"""Bytes of a file, packed and unpacked; several times what any of the datasets here has."""


@dataclass(frozen=True)
class DataFile:
    """One file of a dataset as it was published.

    A file of the published size must have the published checksum. One of another size may hold other data
    in the same format, and is judged by what is in it.
    """

    name: str
    size: int
    """In bytes."""
    md5: str
    is_optional: bool = False


@dataclass(frozen=True)
class FoundFile:
    """A file as it is here."""

    path: Path
    expected: DataFile
    data: bytes

    def unpacked(self, at_most: int) -> bytes:
        """What is in it, up to so many bytes; of a .gz, no more than those are unpacked.

        Raises:
            DamagedFileError: if it is a .gz that is cut short or altered.
        """
        if self.path.suffix != ".gz":
            return self.data[:at_most]
        try:
            with gzip.GzipFile(fileobj=io.BytesIO(self.data)) as file:
                return file.read(at_most)
        except (EOFError, OSError, zlib.error) as error:
            raise self.damaged(str(error)) from error

    def verify(self) -> None:
        """Refuse a file of the published size that is another.

        Raises:
            DamagedFileError: giving both checksums.
        """
        if self.path.name == self.expected.name and len(self.data) == self.expected.size:
            md5 = hashlib.md5(self.data, usedforsecurity=False).hexdigest()
            if md5 != self.expected.md5:
                raise self.damaged(f"its MD5 is {md5}, and the published file's is {self.expected.md5}")

    def damaged(self, how: str) -> DamagedFileError:
        """The error that names this file, and how its damage shows."""
        return DamagedFileError(
            f"{self.path} is cut short or altered: {how.rstrip('.')}. It has {len(self.data):,} bytes; as "
            f"published it has {self.expected.size:,}. Delete it, and fetch it again."
        )


@dataclass(frozen=True)
class Layout:
    """Where the files of a dataset are looked for below its root."""

    files: tuple[DataFile, ...]
    folders: tuple[str, ...]
    """In order; the first is where they are downloaded to, and where people are told to put them."""
    archive: DataFile | None = None
    """A .tar.gz with the same files, in a folder named like the first of `folders`."""

    def find(self, root: Path) -> dict[str, Path]:
        """The files that are there, by name; one may be there without its ending .gz."""
        found = {}
        for file in self.files:
            names = dict.fromkeys((file.name, file.name.removesuffix(".gz")))
            paths = (root / folder / name for folder in self.folders for name in names)
            path = next((path for path in paths if path.is_file()), None)
            if path is not None:
                found[file.name] = path
        return found

    def missing(self, found: Container[str]) -> list[DataFile]:
        """The files that are needed and are not among those found."""
        return [file for file in self.files if file.name not in found and not file.is_optional]

    def archive_in(self, root: Path) -> Path | None:
        """The archive, if it is there."""
        path = None if self.archive is None else root / self.archive.name
        return path if path is not None and path.is_file() else None

    def read(self, root: Path) -> dict[str, FoundFile]:
        """The files that are there, by name; where some are not, those in the archive.

        Raises:
            DamagedFileError: naming a file that is damaged, and how that shows.
        """
        paths = self.find(root)
        archive = self.archive_in(root)
        if self.missing(paths) and self.archive is not None and archive is not None:
            return self._read_archive(_read(archive, self.archive))
        expected = {file.name: file for file in self.files}
        found = {name: _read(path, expected[name]) for name, path in paths.items()}
        for file in found.values():
            file.verify()
        return found

    def _read_archive(self, archive: FoundFile) -> dict[str, FoundFile]:
        archive.verify()
        expected = {f"{self.folders[0]}/{file.name}": file for file in self.files}
        found = {}
        try:
            with tarfile.open(archive.path) as contents:
                for member in contents.getmembers():
                    known = expected.get(member.name)
                    if known is None or not member.isfile():
                        continue
                    if member.size > LARGEST:
                        raise archive.damaged(f"{member.name} unpacks to {member.size:,} bytes")
                    file = contents.extractfile(member)
                    data = b"" if file is None else file.read()
                    found[known.name] = FoundFile(archive.path / member.name, known, data)
        except DamagedFileError:
            raise
        except Exception as error:  # a damaged archive raises whatever its bytes happen to say
            raise archive.damaged(in_words(error)) from error
        return found


def _read(path: Path, expected: DataFile) -> FoundFile:
    try:
        return FoundFile(path, expected, read_bytes(path, at_most=LARGEST))
    except OSError as error:
        raise DamagedFileError(f"{path} cannot be read: {in_words(error)}.") from error


def digest(files: Mapping[str, FoundFile]) -> str:
    """A SHA-256 over names and contents."""
    total = hashlib.sha256()
    for name in sorted(files):
        total.update(f"{name} {hashlib.sha256(files[name].data).hexdigest()}\n".encode())
    return total.hexdigest()


def listed(files: Iterable[DataFile]) -> str:
    """The names of files with their sizes."""
    return ", ".join(f"{file.name} ({file.size:,} bytes)" for file in files)
