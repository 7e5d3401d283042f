"""Decoded datasets on disk: one file of tensors, made once and read in a moment ever after.

A cache file is named after its format and the SHA-256 of what it was decoded from, so data that changed
is decoded again. Its own SHA-256 stands in it, and a damaged one is made again.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as from_bytes
from safetensors.numpy import save as to_bytes

from csai_core import storage
from csai_core.decoding import parse_json

VERSION = 1
FOLDER = "csai-cache"
_log = logging.getLogger(__name__)

Arrays = dict[str, NDArray[np.generic]]


def path_of(root: Path, name: str, key: str) -> Path:
    """Where the dataset `name`, decoded from data with the digest `key`, is kept below its root."""
    return root / FOLDER / f"{name}-v{VERSION}-{key[:20]}.safetensors"


def load(path: Path) -> tuple[Arrays, tuple[str, ...]] | None:
    """The arrays and the names of the classes; None where there is no cache, or a damaged one."""
    try:
        data = path.read_bytes()
        head, body = data[:64].decode("ascii"), data[64:]
        if hashlib.sha256(body).hexdigest() != head:
            _log.info("%s is damaged, and is made again", path)
            return None
        arrays = from_bytes(body)
        classes = tuple(map(str, parse_json(arrays.pop("classes").tobytes())))
    except FileNotFoundError:
        return None
    except Exception as error:
        _log.info("%s is damaged, and is made again: %r", path, error)
        return None
    return arrays, classes


def save(path: Path, arrays: Mapping[str, NDArray[np.generic]], classes: tuple[str, ...]) -> None:
    """Keep arrays, and forget older caches of the same dataset; without the right to write, do nothing."""
    text = np.frombuffer(json.dumps(classes).encode(), np.uint8)
    body = to_bytes({"classes": text, **{name: np.ascontiguousarray(each) for name, each in arrays.items()}})
    try:
        with storage.replacement(path) as unfinished, unfinished.open("wb") as file:
            file.write(hashlib.sha256(body).hexdigest().encode("ascii"))
            file.write(body)
        for other in path.parent.glob(f"{path.name.partition('-v')[0]}-v*.safetensors"):
            if other != path:
                other.unlink(missing_ok=True)
    except OSError as error:
        _log.info("%s cannot be written, so the dataset is decoded each time: %s", path, error)
