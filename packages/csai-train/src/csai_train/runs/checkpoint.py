"""Checkpoints: a tree of arrays and plain values as files that are whole or not there at all.

A checkpoint is a directory: `tensors.safetensors` (every array), `state.json` (everything else) and
`manifest.json` (format, size and SHA-256 of the other two). It is written under another name, flushed to
the disk and then renamed, so a crash leaves the last good one. Reading one never executes code.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.numpy

from csai_train.errors import CheckpointError

FORMAT = 1
_MANIFEST, _STATE, _TENSORS = "manifest.json", "state.json", "tensors.safetensors"


def save(directory: Path, state: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write a checkpoint.

    Args:
        directory: what it will be; must not exist yet.
        state: nested dicts, lists, tuples, sets and deques of arrays, tensors and plain values.
        about: plain values to find in the manifest, such as the number of steps taken.

    Raises:
        CheckpointError: if something in the state cannot be saved, or the disk refuses.
    """
    tensors: dict[str, np.ndarray[Any, Any]] = {}
    tree = _encode(dict(state), "", tensors)
    contents = {
        _TENSORS: safetensors.numpy.save(tensors),
        _STATE: json.dumps(tree).encode(),
    }
    files = {name: {"bytes": len(data), "sha256": _digest(data)} for name, data in contents.items()}
    manifest = {"format": FORMAT, **about, "files": files}
    contents[_MANIFEST] = json.dumps(manifest, indent=2).encode()
    aside = directory.with_name(f".{directory.name}.{os.getpid()}")
    try:
        aside.mkdir(parents=True)
        for name, data in contents.items():
            _write(aside / name, data)
        _flush_directory(aside)
        aside.rename(directory)
        _flush_directory(directory.parent)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise CheckpointError(
            f"The checkpoint {directory} could not be written: {error}. Earlier checkpoints are untouched."
        ) from error


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
            raise CheckpointError(f"{directory / name} is damaged: expected {expected}, found {found}.")
        contents[name] = data
    tensors = safetensors.numpy.load(contents[_TENSORS])
    state: dict[str, Any] = _decode(json.loads(contents[_STATE]), tensors)
    return state


def read_manifest(directory: Path) -> dict[str, Any]:
    """Read what a checkpoint says of itself.

    Raises:
        CheckpointError: if it is no checkpoint, damaged, or of another format.
    """
    path = directory / _MANIFEST
    try:
        manifest: dict[str, Any] = json.loads(_read(path))
        version = manifest["format"]
        files = manifest["files"]
        intact = all(set(files[name]) == {"bytes", "sha256"} for name in (_STATE, _TENSORS))
    except (ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is damaged: {error!r}.") from error
    if version != FORMAT or not intact:
        raise CheckpointError(f"{path} has format {version!r}; this version of csai reads format {FORMAT}.")
    return manifest


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


def _write(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise CheckpointError(f"{path} cannot be read: {error}.") from error


def _flush_directory(directory: Path) -> None:
    if os.name == "nt":  # Windows cannot open a directory, and makes renames durable itself
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
