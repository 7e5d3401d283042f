"""Checkpoints: a tree of arrays and plain values as files that are whole or not there at all.

A checkpoint is a directory: `tensors.safetensors` (every array), `state.json` (everything else) and
`manifest.json` (what it belongs to; size and SHA-256 of the other files, and of itself). A crash leaves
the last good one. Reading one never executes code.

Where several processes train together, these are of the first one, and each other one has two files more,
such as `process-1.json` and `process-1.safetensors`; arrays that are the same in the first stand there alone.
"""

from __future__ import annotations

import errno
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import safetensors.numpy

from csai_core import storage, tree_codec
from csai_core.decoding import decoding, in_words, parse_json, read_bytes
from csai_core.errors import CodecError, CsaiError
from csai_core.plugins import installed
from csai_core.schema import Schema, an_object_with, check, is_text, is_whole, optional
from csai_train.errors import CheckpointError, UnsavableError

FORMAT = 4
_MANIFEST, _STATE, _TENSORS = "manifest.json", "state.json", "tensors.safetensors"
_LARGEST_MANIFEST = 2**26
"""Bytes; spaces stand in it."""
PROCESSES = "processes"
"""Where in a state those of other processes are."""
_OF_PROCESS = "process-{rank}.{suffix}"
_FILE = an_object_with({"bytes": is_whole, "sha256": is_text})
_SCHEMA: Schema = {"steps": optional(is_whole), "files": an_object_with({_STATE: _FILE, _TENSORS: _FILE})}


def save(directory: Path, state: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write a checkpoint; one that is there already is replaced once the new one is whole.

    Args:
        directory: what it will be.
        state: nested dicts, lists, tuples, sets and deques of arrays, tensors and plain values. What other
            processes have is a list of such states in it, "processes".
        about: plain values to find in the manifest, such as the number of steps taken.

    Raises:
        UnsavableError: if something in the state cannot be saved, naming its place and the plugin.
        CheckpointError: if the disk refuses.
    """
    with _savable(f"The checkpoint {directory} cannot be written", about.get("algorithm")):
        contents = _contents(state)
    files = {name: {"bytes": len(data), "sha256": _digest(data)} for name, data in contents.items()}
    contents[_MANIFEST] = _sealed({"format": FORMAT, **about, "files": files})
    try:
        with storage.replacement(directory) as unfinished:
            unfinished.mkdir()
            for name, data in contents.items():
                (unfinished / name).write_bytes(data)
    except OSError as error:
        raise CheckpointError(
            f"The checkpoint {directory} could not be written: {error}. Earlier checkpoints are untouched."
        ) from error


def require_savable(state: Mapping[str, Any], algorithm: str) -> None:
    """Refuse what `save` would refuse, before anything was done for it.

    Args:
        state: of a training.
        algorithm: whose training it is.

    Raises:
        UnsavableError: if something in the state cannot be saved, naming its place and the plugin.
    """
    with _savable("This training cannot be kept in a run", algorithm):
        tree_codec.to_file(dict(state))


def digests(state: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 that each file of a checkpoint of this state has; equal states have equal ones."""
    return {name: _digest(data) for name, data in _contents(state).items()}


def load(directory: Path) -> dict[str, Any]:
    """Read the state that `save` was given, that of the first process; tensors come back on the CPU.

    Raises:
        CheckpointError: if a file is missing, shorter, longer or altered, or of another format.
    """
    files = read_manifest(directory)["files"]
    return _state(directory, _verified(directory / _STATE, files), _arrays(directory / _TENSORS, files))


def load_processes(directory: Path) -> list[dict[str, Any]]:
    """Read what other processes had; empty where one had trained alone.

    Raises:
        CheckpointError: if a file is missing, shorter, longer or altered.
    """
    files = read_manifest(directory)["files"]
    names = [_OF_PROCESS.format(rank=rank, suffix="json") for rank in range(1, len(files))]
    names = [name for name in names if name in files]
    first = _arrays(directory / _TENSORS, files) if names else {}
    states = []
    for name in names:
        own = _arrays((directory / name).with_suffix(".safetensors"), files)
        states.append(_state(directory, _verified(directory / name, files), {**first, **own}))
    return states


def _verified(path: Path, files: Mapping[str, Any]) -> bytes:
    """What a file holds that is as the manifest says."""
    try:
        check(files, {path.name: _FILE})
    except ValueError as error:
        raise CheckpointError(f"{path.parent} is damaged: its manifest has no {path.name}.") from error
    expected = files[path.name]
    data = _read(path, at_most=expected["bytes"])
    found = {"bytes": len(data), "sha256": _digest(data)}
    if found != expected:
        raise CheckpointError(f"{path} is damaged: expected {_describe(expected)}, found {_describe(found)}.")
    return data


def _arrays(path: Path, files: Mapping[str, Any]) -> dict[str, Any]:
    data = _verified(path, files)
    with decoding(path.parent, CheckpointError, "It holds what csai never writes."):
        return safetensors.numpy.load(data)


def _state(directory: Path, text: bytes, arrays: Mapping[str, Any]) -> dict[str, Any]:
    with decoding(directory, CheckpointError, "It holds what csai never writes."):
        state = tree_codec.from_file(text, arrays)
        if not isinstance(state, dict):
            raise ValueError("its state has no names")
    return state


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read what a checkpoint says of itself.

    Raises:
        CheckpointError: if it is no checkpoint, damaged, or of another format.
    """
    path = directory / _MANIFEST
    data = _read(path, at_most=_LARGEST_MANIFEST)
    with decoding(path, CheckpointError, "It is damaged, or no checkpoint of csai."):
        manifest: dict[str, Any] = parse_json(data)
        seal = manifest.pop("sha256", None)
        version = manifest["format"]
        if version != FORMAT:
            raise ValueError(f"it has format {version!r}, and this version of csai reads format {FORMAT}")
        if _sealed(manifest) != data:
            raise ValueError(f"its contents do not have the SHA-256 {seal}")
        check(manifest, _SCHEMA)
    return manifest


@contextmanager
def _savable(problem: str, algorithm: str | None) -> Iterator[None]:
    """Say who has to mend a state that no file holds."""
    try:
        yield
    except CodecError as error:
        whose = ""
        if algorithm is not None:
            with suppress(CsaiError):
                plugin = installed().find("algorithms", algorithm).plugin
                whose = f" The algorithm {algorithm!r} is of the plugin {plugin!r}."
        raise UnsavableError(f"{problem}: {error}{whose}") from error


def _contents(state: Mapping[str, Any]) -> dict[str, bytes]:
    first = {name: part for name, part in state.items() if name != PROCESSES}
    text, arrays = tree_codec.to_file(first)
    contents = {_TENSORS: safetensors.numpy.save(arrays), _STATE: text}
    for rank, part in enumerate(state.get(PROCESSES, ()), start=1):
        contents |= _contents_of_process(rank, part, first)
    return contents


def _contents_of_process(rank: int, state: Mapping[str, Any], first: Mapping[str, Any]) -> dict[str, bytes]:
    text, arrays = tree_codec.to_file(dict(state))
    shared = tree_codec.encode(dict(first))[1]
    own = {name: each for name, each in arrays.items() if not _is_same(each, shared.get(name))}
    names = (_OF_PROCESS.format(rank=rank, suffix=suffix) for suffix in ("json", "safetensors"))
    return dict(zip(names, (text, safetensors.numpy.save(own)), strict=True))


def _is_same(one: Any, other: Any) -> bool:
    """Whether two arrays are alike to the bit."""
    return (
        other is not None
        and one.dtype == other.dtype
        and one.shape == other.shape
        and one.tobytes() == other.tobytes()
    )


def _sealed(manifest: Mapping[str, Any]) -> bytes:
    """The bytes of a manifest, ending with a digest of the rest."""
    digest = _digest(json.dumps(manifest).encode())
    return json.dumps({**manifest, "sha256": digest}, indent=2).encode()


def _read(path: Path, at_most: int) -> bytes:
    try:
        return read_bytes(path, at_most=at_most, follow_links=False)
    except OSError as error:
        is_longer = error.errno == errno.EFBIG
        what = "is damaged" if is_longer else "cannot be read"
        raise CheckpointError(f"{path} {what}: {in_words(error)}.") from error


def _describe(file: Any) -> str:
    return f"{file['bytes']:,} bytes with SHA-256 {file['sha256'][:12]}…"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
