"""A run as one file, to give away: a zip in which nothing is packed, with a manifest of every byte.

Whoever gets one believes nothing of it. What it may hold is known by name, no file is compressed (so that it
unpacks to no more than its own size), and each must have the size and the SHA-256 that the manifest says.
Equal runs give equal bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
import struct
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from csai_core import storage
from csai_core.decoding import decoding, open_file, parse_json
from csai_core.schema import Schema, an_object_of, an_object_with, check, is_text, is_whole
from csai_train.errors import RunError

SUFFIX = ".zip"
FORMAT = 1
MANIFEST = "manifest.json"
CARD = "README.md"
LARGEST = 2**32 - 2**20
"""Bytes; no larger zip has one form alone."""
_OF_RUN = (
    "config.json",
    "train.toml",
    "events.jsonl",
    "metrics.csv",
    "best.json",
    "evaluation.json",
    "random_play.json",
    "network.safetensors",
    "curves.png",
)
_OF_CHECKPOINT = ("manifest.json", "state.json", "tensors.safetensors")
_NAME = re.compile(
    "|".join(
        [
            *map(re.escape, (CARD, *_OF_RUN)),
            f"(start|checkpoints/step-[0-9]{{12,15}})/({'|'.join(map(re.escape, _OF_CHECKPOINT))})",
        ]
    )
)
"""What an archive may hold beside its manifest."""
_MOST_FILES = 100
_LARGEST_DIRECTORY = 2**16
"""Bytes of a zip's list of what is in it."""
_LARGEST_MANIFEST = 2**16
_SCHEMA: Schema = {"files": an_object_of(an_object_with({"bytes": is_whole, "sha256": is_text}))}
_END, _END_OF_LARGE = struct.Struct("<4s4H2LH"), b"PK\x06\x07"
_CHUNK = 2**20
_NO_ARCHIVE = "It is none that csai export writes, or was damaged or altered."


def is_archive(path: Path) -> bool:
    """Whether a path names a run as one file, and there is one."""
    return path.suffix.lower() == SUFFIX and os.path.isfile(path)


def pack(run: Path, checkpoints: list[Path], card: str, out: Path) -> None:
    """Write a run as one file.

    Args:
        run: its folder.
        checkpoints: those of its checkpoints that come along.
        card: what README.md tells people of it.
        out: the file.

    Raises:
        RunError: if that cannot be written, or the run is too large for it.
    """
    folders = [each for each in (run / "start", *checkpoints) if each.is_dir()]
    paths = [run / name for name in _OF_RUN if (run / name).is_file()]
    paths += [folder / name for folder in folders for name in _OF_CHECKPOINT]
    try:
        contents = {path.relative_to(run).as_posix(): path for path in paths}
        if (size := sum(path.stat().st_size for path in paths)) > LARGEST - _CHUNK:
            raise RunError(f"{run} has {size:,} bytes to export; a zip may have {LARGEST:,}.")
        with (
            storage.replacement(out) as unfinished,
            zipfile.ZipFile(unfinished, "w", allowZip64=False) as file,
        ):
            _write(file, {CARD: card.encode(), **contents})
    except OSError as error:
        raise RunError(f"{out} cannot be written: {error}") from error


@contextmanager
def unpacked(archive: Path) -> Iterator[Path]:
    """Unpack a run into a folder that is there until the block ends.

    Args:
        archive: the file.

    Yields:
        The folder, which is called as the file is.

    Raises:
        RunError: if it is none of csai, or is not as its manifest says.
    """
    with tempfile.TemporaryDirectory(prefix="csai-") as folder:
        into = Path(folder) / (re.sub(r"[^\w.-]+", "-", archive.stem)[:100] or "run")
        with decoding(archive, RunError, _NO_ARCHIVE):
            unpack(archive, into)
        yield into


def unpack(archive: Path, into: Path) -> None:
    """Unpack a run into a new folder; whatever is wrong is raised, so do it inside `decoding`.

    Raises:
        OSError, ValueError: saying what is wrong; damaged zips raise whatever their bytes happen to say.
    """
    with os.fdopen(open_file(archive, os.O_RDONLY), "rb") as file:
        _require_plain_end(file)
        with zipfile.ZipFile(file) as zipped:
            members = _members(zipped, os.fstat(file.fileno()).st_size)
            files = _manifest(zipped, members)
            into.mkdir()
            for name, about in files.items():
                _extract(zipped, members[name], into / name, about["sha256"])


def _write(file: zipfile.ZipFile, contents: Mapping[str, bytes | Path]) -> None:
    """Write the manifest, then every file; times and rights are the same in every archive."""
    names = sorted(contents)
    about = {name: _about(contents[name]) for name in names}
    manifest = json.dumps({"format": FORMAT, "files": about}, indent=1).encode()
    for name, content in ((MANIFEST, manifest), *((name, contents[name]) for name in names)):
        member = zipfile.ZipInfo(name)  # of 1980, as the format begins then
        member.create_system, member.external_attr = 3, (stat.S_IFREG | 0o644) << 16
        with file.open(member, "w") as target:
            for chunk in _chunks(content):
                target.write(chunk)


def _about(content: bytes | Path) -> dict[str, Any]:
    digest, size = hashlib.sha256(), 0
    for chunk in _chunks(content):
        digest.update(chunk)
        size += len(chunk)
    return {"bytes": size, "sha256": digest.hexdigest()}


def _chunks(content: bytes | Path) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield content
        return
    with os.fdopen(open_file(content, os.O_RDONLY, follow_links=False), "rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _require_plain_end(file: IO[bytes]) -> None:
    """Refuse a zip whose list of files is large, before it is read."""
    size = file.seek(0, os.SEEK_END)
    if not _END.size <= size <= LARGEST:
        raise ValueError(f"it has {size:,} bytes")
    file.seek(max(0, size - _END.size - 20))
    tail = file.read()
    mark, _, _, here, count, length, _, comment = _END.unpack(tail[-_END.size :])
    if mark != b"PK\x05\x06" or comment or tail.startswith(_END_OF_LARGE):
        raise ValueError("it is no zip, or one with more than files in it")
    if here != count or count > _MOST_FILES or length > _LARGEST_DIRECTORY:
        raise ValueError(f"it lists {count:,} files, in {length:,} bytes; a run has {_MOST_FILES} at most")
    file.seek(0)


def _members(zipped: zipfile.ZipFile, size: int) -> dict[str, zipfile.ZipInfo]:
    """What is in a zip, by name, once each is a plain file that may be there."""
    found: dict[str, zipfile.ZipInfo] = {}
    for member in zipped.infolist():
        name, kind = member.filename, stat.S_IFMT(member.external_attr >> 16)
        if member.orig_filename != MANIFEST and not _NAME.fullmatch(member.orig_filename):
            raise ValueError(f"it holds {member.orig_filename!r}, which no run has")
        if name in found:
            raise ValueError(f"it holds {name} twice")
        if kind not in (0, stat.S_IFREG):
            raise ValueError(f"its {name} is no file, but a link or the like")
        if member.compress_type != zipfile.ZIP_STORED or member.file_size != member.compress_size:
            raise ValueError(f"its {name} is compressed, which csai never does")
        if member.flag_bits & 1:
            raise ValueError(f"its {name} is encrypted")
        found[name] = member
    if (total := sum(member.file_size for member in found.values())) > size:
        raise ValueError(f"it would unpack to {total:,} bytes, and has {size:,} itself")
    return found


def _manifest(zipped: zipfile.ZipFile, members: Mapping[str, zipfile.ZipInfo]) -> dict[str, Any]:
    """What the manifest says of each file, once that is the same files as there are."""
    if MANIFEST not in members or members[MANIFEST].file_size > _LARGEST_MANIFEST:
        raise ValueError(f"it has no {MANIFEST}, or a very large one")
    manifest = parse_json(zipped.read(members[MANIFEST]))
    check(manifest, _SCHEMA)
    if manifest.get("format") != FORMAT:
        raise ValueError(f"it has format {manifest.get('format')!r}, and this version of csai reads {FORMAT}")
    files: dict[str, Any] = manifest["files"]
    if differing := sorted({*files} ^ (members.keys() - {MANIFEST})):
        raise ValueError(f"its manifest does not go with what it holds: {differing[0]!r}")
    for name, about in files.items():
        if about["bytes"] != members[name].file_size:
            raise ValueError(f"its {name} has {members[name].file_size:,} bytes, not {about['bytes']:,}")
    return files


def _extract(zipped: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, sha256: str) -> None:
    """Write a file, chunk by chunk, and refuse it where it has another SHA-256."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with zipped.open(member) as source, target.open("xb") as file:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            file.write(chunk)
    if digest.hexdigest() != sha256:
        raise ValueError(f"its {member.filename} does not have the SHA-256 that the manifest says")
