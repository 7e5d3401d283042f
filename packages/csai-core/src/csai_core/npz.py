"""numpy's archives (.npz) from elsewhere: an array gets the memory that its bytes fill, and no more."""

from __future__ import annotations

import io
import math
import os
import zipfile
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

_KINDS = "biufU"
"""Of what arrays may be made: numbers and texts."""


def read_arrays(path: str | os.PathLike[str], *, at_most: int) -> dict[str, NDArray[Any]]:
    """The arrays in an archive, by name.

    Args:
        path: the file.
        at_most: how many bytes they may have together, unpacked.

    Raises:
        OSError, ValueError: if it is no archive, or holds more, or an array of objects. A damaged one raises
            whatever its bytes happen to say, so read it inside `decoding`.
    """
    with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if (total := sum(member.file_size for member in members)) > at_most:
            raise ValueError(f"it unpacks to {total:,} bytes, and may have {at_most:,}")
        return {member.filename.removesuffix(".npy"): _parse(archive.read(member)) for member in members}


def _parse(data: bytes) -> NDArray[Any]:
    """The array in an .npy file."""
    stream = io.BytesIO(data)
    version = npy.read_magic(stream)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, is_fortran, dtype = read_header(stream)
    if dtype.kind not in _KINDS or not dtype.itemsize:
        raise ValueError(f"it holds an array of {dtype}")
    content = data[stream.tell() :]
    if dtype.itemsize * math.prod(shape) != len(content):
        raise ValueError(f"an array of {dtype} in the shape {shape} has not {len(content):,} bytes")
    if not content:
        return np.empty(shape, dtype)
    array: NDArray[Any] = np.ndarray(shape, dtype, content, order="F" if is_fortran else "C")
    return array.copy()
