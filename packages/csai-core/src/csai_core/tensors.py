"""Tensors of torch as arrays, and back, without importing torch for those who have no tensors.

Whoever holds a tensor has imported torch, so that one is recognized where torch is loaded already. Only a
file that says that it holds tensors has torch imported.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

from numpy.typing import NDArray

_WHOLE = ("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64")
_IN_NUMPY = frozenset((*_WHOLE, "float16", "float32", "float64"))
"""The types of numbers that torch and numpy share, by their names in both."""
_SMALL = ("bfloat16", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
_AS_BYTES = frozenset((*_SMALL, "complex64", "complex128"))
"""Those that files of arrays do not have, and that are kept as bytes."""


def is_tensor(value: Any) -> bool:
    """Whether a value is a tensor of torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(value, torch.Tensor)


def to_array(tensor: Any) -> tuple[NDArray[Any], str]:
    """A tensor's numbers, wherever it lives, and the name of their type.

    Returns:
        An array of that type in the tensor's shape; where numpy has no such type, a row of its bytes.

    Raises:
        TypeError: if it is sparse or quantized, in words that say what to give.
    """
    name = dtype_of(tensor)
    if str(tensor.layout) != "torch.strided" or name not in _IN_NUMPY | _AS_BYTES:
        kind = name if str(tensor.layout) == "torch.strided" else str(tensor.layout).removeprefix("torch.")
        raise TypeError(f"tensor of {kind}; give a dense one of common numbers, as to_dense() makes it")
    plain = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
    if name in _AS_BYTES:
        plain = plain.reshape(-1).view(_torch().uint8)
    array: NDArray[Any] = plain.numpy()
    return array, name


def from_array(array: NDArray[Any], name: str, shape: Any = None) -> Any:
    """The tensor that `to_array` took apart: on the CPU, without gradient, with memory of its own.

    Args:
        array: its numbers or bytes.
        name: of their type.
        shape: of the tensor, where the array holds its bytes.

    Raises:
        ValueError: if there is no such type.
    """
    torch = _torch()
    tensor = torch.tensor(array) if not array.flags.writeable else torch.from_numpy(array)
    if name in _IN_NUMPY:
        return tensor
    if name not in _AS_BYTES:
        raise ValueError(f"a tensor of {name!r}")
    sizes = [int(size) for size in shape]
    dtype = getattr(torch, name)
    return (tensor.view(dtype) if len(array) else torch.empty(0, dtype=dtype)).reshape(sizes)


def dtype_of(tensor: Any) -> str:
    """The name of the type of a tensor's numbers: "float32"."""
    return str(tensor.dtype).removeprefix("torch.")


def is_shared_with_numpy(name: str) -> bool:
    """Whether numpy has a type of numbers of that name too."""
    return name in _IN_NUMPY


def _torch() -> Any:
    return importlib.import_module("torch")
