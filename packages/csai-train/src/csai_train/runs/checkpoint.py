"""Checkpoints: a tree of arrays and plain values as files that are whole or not there at all.

A checkpoint is a directory: `tensors.safetensors` (every array), `state.json` (everything else) and
`manifest.json` (what it belongs to; size and SHA-256 of the other two, and of itself). A crash leaves
the last good one. Reading one never executes code.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors
import safetensors.numpy

from csai_core import storage
from csai_train.errors import CheckpointError

FORMAT = 1
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
        tensors = safetensors.numpy.load(contents[_TENSORS])
        state: dict[str, Any] = _decode(json.loads(contents[_STATE]), tensors)
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


_BROKEN = (ValueError, TypeError, LookupError, AttributeError, RecursionError, StopIteration)
"""What reading a file that csai did not write may end in."""


def _contents(state: Mapping[str, Any]) -> dict[str, bytes]:
    tensors: dict[str, np.ndarray[Any, Any]] = {}
    tree = _encode(dict(state), "", tensors)
    return {_TENSORS: safetensors.numpy.save(tensors), _STATE: json.dumps(tree).encode()}


def _sealed(manifest: Mapping[str, Any]) -> bytes:
    """The bytes of a manifest, ending with a digest of the rest."""
    digest = _digest(json.dumps(manifest).encode())
    return json.dumps({**manifest, "sha256": digest}, indent=2).encode()


def _encode(value: Any, path: str, tensors: dict[str, np.ndarray[Any, Any]]) -> Any:
    """Plain JSON for `value`; arrays move to `tensors` and leave a reference behind."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if hasattr(value, "detach"):
        value = value.detach().cpu().numpy()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        key = path if path not in tensors else f"{path}#{len(tensors)}"
        tensors[key] = np.ascontiguousarray(value).reshape(value.shape)
        return {"array": key}
    if isinstance(value, Mapping):
        items = [
            [_encode(k, f"{path}.key", tensors), _encode(v, f"{path}.{k}", tensors)] for k, v in value.items()
        ]
        return {"dict": items}
    for kind, name in _SEQUENCES.items():
        if isinstance(value, kind):
            items = [_encode(item, f"{path}.{i}", tensors) for i, item in enumerate(value)]
            return {name: items, "maxlen": value.maxlen} if isinstance(value, deque) else {name: items}
    raise CheckpointError(
        f"A checkpoint cannot hold {path.lstrip('.') or 'this'}, a {type(value).__name__}; "
        "it holds arrays, tensors, numbers, strings, and dicts, lists, tuples, sets and deques of them."
    )


def _decode(value: Any, tensors: Mapping[str, np.ndarray[Any, Any]]) -> Any:
    if not isinstance(value, dict):
        return value
    if "array" in value:
        return tensors[value["array"]]
    if "dict" in value:
        return {_decode(k, tensors): _decode(v, tensors) for k, v in value["dict"]}
    if "deque" in value:
        return deque((_decode(item, tensors) for item in value["deque"]), value["maxlen"])
    name, items = next(iter(value.items()))
    kind = next(kind for kind, known in _SEQUENCES.items() if known == name)
    return kind(_decode(item, tensors) for item in items)


_SEQUENCES: Mapping[type[Any], str] = {list: "list", tuple: "tuple", set: "set", deque: "deque"}


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}.") from error


def _describe(file: Any) -> str:
    return f"{file['bytes']:,} bytes with SHA-256 {file['sha256'][:12]}…"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
