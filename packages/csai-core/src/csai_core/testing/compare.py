"""Comparing nested values (observations, actions, saved states) and saying where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

Leaf = tuple[str, Any]


def leaves(value: Any, path: str) -> Iterator[Leaf]:
    """Every number, text or array in a nested value, with the path to it."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}[{key!r}]")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def difference(one: Any, two: Any, path: str) -> str:
    """Where two nested values differ, as a phrase; empty if they do not. NaN equals NaN."""
    ones, twos = dict(leaves(one, path)), dict(leaves(two, path))
    if ones.keys() != twos.keys():
        return f"{path} has {sorted(ones)} in the one and {sorted(twos)} in the other"
    for where, value in ones.items():
        if not _equal(value, twos[where]):
            return f"{where} is {_short(value)} in the one and {_short(twos[where])} in the other"
    return ""


def snapshot(value: Any) -> Any:
    """A nested value with all its arrays copied."""
    if isinstance(value, Mapping):
        return {key: snapshot(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [snapshot(item) for item in value]
    return value.copy() if isinstance(value, np.ndarray) else value


def _equal(one: Any, two: Any) -> bool:
    if hasattr(one, "shape") or hasattr(two, "shape"):  # arrays, and tensors of any library
        a, b = np.asarray(one), np.asarray(two)
        return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    return bool(one == two) or (one != one and two != two)


def _short(value: Any) -> str:
    return np.array2string(np.asarray(value), threshold=16) if hasattr(value, "shape") else repr(value)
