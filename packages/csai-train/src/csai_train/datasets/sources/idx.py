"""The IDX format, in which MNIST is published: a header with type and shape, then the numbers."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from csai_train.datasets.sources.files import LARGEST, FoundFile
from csai_train.errors import DamagedFileError

_BYTES = 0x08
"""The code of the one type that images and labels come in."""


def parse(file: FoundFile, num_axes: int) -> NDArray[np.uint8]:
    """The array in an IDX file.

    Args:
        file: the file.
        num_axes: how many axes the array must have: 3 for images (count, height, width), 1 for labels.

    Raises:
        DamagedFileError: if it is none, or shorter or longer than its header says.
    """
    start = 4 + 4 * num_axes
    data = file.unpacked(start)
    if len(data) < 4 or data[:2] != b"\0\0":
        raise DamagedFileError(
            f"{file.path} is no IDX file: it begins with {data[:4].hex(' ') or 'nothing'}."
        )
    if data[2] != _BYTES or data[3] != num_axes:
        raise DamagedFileError(
            f"{file.path} holds numbers of type 0x{data[2]:02x} in {data[3]} axes; here it must be bytes "
            f"(0x08) in {num_axes}."
        )
    shape = tuple(int.from_bytes(data[at : at + 4], "big") for at in range(4, start, 4))
    expected = start + math.prod(shape)
    if expected <= LARGEST:
        data = file.unpacked(expected + 1)
    if len(data) != expected:
        there = f"more than {expected:,}" if len(data) > expected else f"{len(data):,}"
        raise file.damaged(
            f"by its header it holds {' x '.join(map(str, shape))} bytes, so {expected:,} with the header, "
            f"but there are {there}"
        )
    return np.frombuffer(data, np.uint8, offset=start).reshape(shape)
