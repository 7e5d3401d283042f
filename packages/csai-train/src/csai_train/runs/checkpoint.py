"""Checkpoints: a tree of arrays and plain values as files that are whole or not there at all.

A checkpoint is a directory: `tensors.safetensors` (every array), `state.json` (everything else) and
`manifest.json` (what it belongs to; size and SHA-256 of the other two, and of itself). A crash leaves
the last good one. Reading one never executes code.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors
import safetensors.numpy

from csai_core import storage, tree_codec
from csai_core.errors import CodecError
from csai_train.errors import CheckpointError

FORMAT = 2
_MANIFEST, _STATE, _TENSORS = "manifest.json", "state.json", "tensors.safetensors"


def save(directory: Path, state: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write a checkpoint; one that is there already is replaced once the new one is whole.

    Args:
        directory: what it will be.
        state: nested dicts, lists, tuples, sets and deques of arrays, tensors and plain values.
        about: plain values to find in the manifest, such as the number of steps taken.

    Raises:
        CheckpointError: if something in the state cannot be saved, or the disk refuses.
    """
    try:
        contents = _contents(state)
    except CodecError as error:
        raise CheckpointError(f"The checkpoint {directory} cannot be written: {error}") from error
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


def digests(state: Mapping[str, Any]) -> dict[str, str]:
    """The SHA-256 that each file of a checkpoint of this state has; equal states have equal ones."""
    return {name: _digest(data) for name, data in _contents(state).items()}


def load(directory: Path) -> dict[str, Any]:
    """Read the state that `save` was given; tensors come back as numpy arrays.

    Raises:
        CheckpointError: if a file is missing, shorter, longer or altered, or of another format.
    """
    files = read_manifest(directory)["files"]
    contents = {}
    for name in (_STATE, _TENSORS):
        data = _read(directory / name)
        expected, found = files[name], {"bytes": len(data), "sha256": _digest(data)}
        if found != expected:
            raise CheckpointError(
                f"{directory / name} is damaged: expected {_describe(expected)}, found {_describe(found)}."
            )
        contents[name] = data
    try:
        arrays = safetensors.numpy.load(contents[_TENSORS])
        state: dict[str, Any] = tree_codec.decode(json.loads(contents[_STATE]), arrays)
    except (*_BROKEN, safetensors.SafetensorError) as error:
        raise CheckpointError(f"{directory} holds what csai never writes: {error!r}.") from error
    return state


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read what a checkpoint says of itself.

    Raises:
        CheckpointError: if it is no checkpoint, damaged, or of another format.
    """
    path = directory / _MANIFEST
    data = _read(path)
    try:
        manifest: dict[str, Any] = json.loads(data)
        seal = manifest.pop("sha256", None)
        version = manifest["format"]
        if version != FORMAT:
            raise CheckpointError(
                f"{path} has format {version!r}; this version of csai reads format {FORMAT}."
            )
        if _sealed(manifest) != data:
            raise CheckpointError(f"{path} is damaged: its contents do not have the SHA-256 {seal}.")
    except _BROKEN as error:
        raise CheckpointError(f"{path} is damaged: {error!r}.") from error
    return manifest


_BROKEN = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
"""What reading a file that csai did not write may end in."""


def _contents(state: Mapping[str, Any]) -> dict[str, bytes]:
    tree, arrays = tree_codec.encode(dict(state))
    return {_TENSORS: safetensors.numpy.save(arrays), _STATE: json.dumps(tree).encode()}


def _sealed(manifest: Mapping[str, Any]) -> bytes:
    """The bytes of a manifest, ending with a digest of the rest."""
    digest = _digest(json.dumps(manifest).encode())
    return json.dumps({**manifest, "sha256": digest}, indent=2).encode()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}.") from error


def _describe(file: Any) -> str:
    return f"{file['bytes']:,} bytes with SHA-256 {file['sha256'][:12]}…"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
