"""Network files: safetensors with a description in the header, written whole or not at all.

A file is read without running any of it: weights are numbers, the description is JSON. A checksum over
both tells a damaged or altered file from a good one, which safetensors alone cannot.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors.torch import save as to_bytes
from torch import Tensor

from csai_core import storage
from csai_core.decoding import decoding, parse_json
from csai_neural.errors import NetFileError

HEADER = "csai"
VERSION = 3
Json = dict[str, Any]

MIGRATIONS: dict[int, Callable[[Json], Json]] = {}
"""For each older version, what turns its description into that of the next version."""


def write(path: str | Path, kind: str, structure: Json, tensors: Mapping[str, Tensor]) -> None:
    """Write a network file; an older file of that name is replaced only once the new one is complete.

    Args:
        path: the file's name.
        kind: what the file holds, such as "net".
        structure: the description, of values that JSON can hold.
        tensors: the weights by name.
    """
    weights = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in tensors.items()}
    header = {"kind": kind, "version": VERSION, "structure": structure}
    header["sha256"] = _checksum(header, weights)
    storage.write(path, to_bytes(weights, metadata={HEADER: json.dumps(header)}))


def read(path: str | Path, kind: str) -> tuple[Json, dict[str, Tensor]]:
    """The description and the weights in a network file.

    Raises:
        FileNotFoundError: if there is no such file.
        NetFileError: if it holds something else, is damaged, or was written by a newer csai-neural.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"There is no network file {str(path)!r}.")
    with decoding(f"The network file {str(path)!r}", NetFileError):
        return _read(path, kind)


def kind_of(path: str | Path) -> str | None:
    """What a network file says that it holds; None where there is no such file, or it holds no network."""
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            return str(_header((file.metadata() or {})[HEADER])["kind"])
    except (OSError, LookupError, NetFileError, safetensors.SafetensorError):
        return None


def _read(path: Path, kind: str) -> tuple[Json, dict[str, Tensor]]:
    try:
        with safetensors.safe_open(path, framework="pt") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except Exception as error:
        raise NetFileError(f"it is no safetensors file, or is cut short ({error})") from error
    if HEADER not in metadata:
        raise NetFileError("it holds tensors, but no csai network; it was not written by csai-neural")
    header = _header(metadata[HEADER])
    if header.pop("sha256") != _checksum(header, weights):
        raise NetFileError("its contents do not match its checksum; it was damaged or altered")
    header = _migrated(header)
    if header.get("kind") != kind:
        raise NetFileError(f"it holds a {header.get('kind')!r}, not a {kind!r}")
    if "structure" not in header:
        raise NetFileError("its description is missing")
    structure: Json = header["structure"]
    return structure, weights


def _header(text: str) -> Json:
    """What a file says of itself; its version is one that this csai-neural may know."""
    try:
        header: Json = parse_json(text)
        is_one = isinstance(header["version"], int) and isinstance(header["sha256"], str)
        if not is_one or not isinstance(header.get("structure", {}), dict):
            raise ValueError("it holds other types")
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NetFileError("its header is damaged") from error
    if header["version"] > VERSION:
        raise NetFileError(
            f"it has version {header['version']}, and this csai-neural reads up to {VERSION}; install a "
            "newer one"
        )
    return header


def _migrated(header: Json) -> Json:
    """The header as the present version would have written it."""
    while (version := header["version"]) != VERSION:
        if version not in MIGRATIONS:
            raise NetFileError(
                f"it has version {version!r}, which this csai-neural cannot read; use the one that wrote it"
            )
        header = {**MIGRATIONS[version](header), "version": version + 1}
    return header


def _checksum(header: Json, weights: Mapping[str, Tensor]) -> str:
    """SHA-256 over the header and all names, dtypes, shapes and bytes of the weights."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name in sorted(weights):
        tensor = weights[name]
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.flatten().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def load_weights(module: torch.nn.Module, weights: Mapping[str, Tensor], path: str | Path) -> None:
    """Put weights into a network.

    Raises:
        NetFileError: if the names or shapes are not those of the network.
    """
    own = module.state_dict()
    if differing := sorted(set(own) ^ set(weights)):
        raise NetFileError(f"Cannot load {str(path)!r}: weights are missing or superfluous: {differing}.")
    for name, tensor in own.items():
        if tensor.shape != weights[name].shape:
            raise NetFileError(
                f"Cannot load {str(path)!r}: {name} has shape {tuple(weights[name].shape)}, "
                f"and its block makes {tuple(tensor.shape)}."
            )
    module.load_state_dict(weights)
