"""From observations to the floats that a first layer takes: `csai_neural.encoding` in numpy."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from csai_neural.encoding import BoxEncoder, Encoder, OneHotEncoder, PartsEncoder

Floats = NDArray[np.float32]
Encode = Callable[[Any], Floats]
"""From a batch of observations to (batch, size); what is encoded already may be given back as it is."""

_CPU = torch.device("cpu")
_ONE = np.float32(1)


def encoder_in_numpy(encoder: Encoder) -> Encode | None:
    """What an encoder does, laid out flat; None where that is more than numbers and one-hot codes."""
    if isinstance(encoder, BoxEncoder):
        return None if encoder.channels_last else Numbers(encoder)
    if isinstance(encoder, OneHotEncoder):
        return OneHot(encoder)
    if isinstance(encoder, PartsEncoder):
        found = {key: encoder_in_numpy(part) for key, part in encoder.parts.items()}
        parts = {key: part for key, part in found.items() if part is not None}
        return SideBySide(parts) if len(parts) == len(found) else None
    return None


def as_floats(x: NDArray[Any]) -> Floats:
    """The numbers themselves."""
    return x.astype(np.float32, copy=False)


class Numbers:
    """Boxes and MultiBinaries: (batch, *shape) to (batch, size), bytes scaled to 0 to 1."""

    def __init__(self, encoder: BoxEncoder) -> None:
        self._size = int(np.prod(encoder.shape))
        self._scale = None if encoder.scale == 1 else np.float32(encoder.scale)

    def __call__(self, x: NDArray[Any]) -> Floats:
        """The numbers as floats."""
        y = as_floats(x.reshape(len(x), self._size))
        return y if self._scale is None else y * self._scale


class OneHot:
    """Discrete and MultiDiscrete: (batch, *shape) to the codes of all components, one after the other."""

    def __init__(self, encoder: OneHotEncoder) -> None:
        self._encoder = encoder
        self._starts, self._sizes = np.array(encoder.starts, np.intp), np.array(encoder.sizes, np.uintp)
        self._width = sum(encoder.sizes)
        self._first_columns = np.cumsum(encoder.sizes) - encoder.sizes

    def __call__(self, x: NDArray[Any]) -> Floats:
        """A one where each value stands.

        Raises:
            ShapeError: if a value lies outside the space.
        """
        index = x.reshape(len(x), len(self._sizes)).astype(np.intp, copy=False) - self._starts
        if np.count_nonzero(index.view(np.uintp) >= self._sizes):  # what is below zero is huge without a sign
            self._encoder.read(x, _CPU, "input")  # tells which value
        index += self._first_columns
        index += _first_of_rows(len(x), self._width)
        codes = np.zeros(len(x) * self._width, np.float32)
        codes[index] = _ONE
        return codes.reshape(len(x), self._width)


class SideBySide:
    """Dict and Tuple: the encodings of all parts, one after the other."""

    def __init__(self, parts: Mapping[str, Encode]) -> None:
        self._parts = parts

    def __call__(self, x: dict[str, Any] | tuple[Any, ...]) -> Floats:
        """(batch, sum of the parts' sizes)."""
        values = x if isinstance(x, dict) else dict(zip(self._parts, x, strict=True))
        return np.concatenate([encode(values[key]) for key, encode in self._parts.items()], axis=1)


@lru_cache(maxsize=16)  # batches of a training have few sizes, but episodes have any
def _first_of_rows(count: int, width: int) -> NDArray[np.intp]:
    """Where each row begins in (count, width) numbers laid out flat: (count, 1)."""
    return np.arange(0, count * width, width)[:, None]
