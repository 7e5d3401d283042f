"""Comparing nested values (observations, actions, saved states) and saying where they differ."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Leaf = tuple[str, Any]


def leaves(value: Any, path: str) -> Iterator[Leaf]:
    """Every number, text or array in a nested value, with the path to it."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from leaves(item, f"{path}[{key!r}]")
    elif isinstance(value, (list, tuple, deque)):
        for index, item in enumerate(value):
            yield from leaves(item, f"{path}[{index}]")
    else:
        yield path, value


def difference(one: Any, two: Any, path: str) -> str:
    """Where two nested values differ, as a phrase; empty if they do not. NaN equals NaN."""
    ones, twos = dict(leaves(one, path)), dict(leaves(two, path))
    if ones.keys() != twos.keys():
        return f"{path} has {_only(ones, twos)} in the one and {_only(twos, ones)} in the other"
    for where, value in ones.items():
        if not _equal(value, twos[where]):
            return _told_apart(value, twos[where], where)
    return ""


def snapshot(value: Any) -> Any:
    """A nested value with all its arrays copied."""
    if isinstance(value, Mapping):
        return {key: snapshot(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        copies = [snapshot(item) for item in value]
        return tuple(copies) if type(value) is tuple else copies
    if isinstance(value, np.ndarray) and value.dtype == object:
        copied = np.empty_like(value)
        for index in np.ndindex(value.shape):
            copied[index] = snapshot(value[index])
        return copied
    return value.copy() if isinstance(value, np.ndarray) else value


def plain(state: Any) -> dict[str, Any]:
    """Copies of what is in a state, by path; without tensors, as torch's own state_dict() gives them live."""
    return {
        path: np.array(value) for path, value in leaves(state, "state_dict()") if not hasattr(value, "detach")
    }


def arrays_in(value: Any, path: str) -> list[tuple[str, NDArray[Any]]]:
    """The arrays in a nested value, with the path to each."""
    return [(where, each) for where, each in leaves(value, path) if isinstance(each, np.ndarray)]


def _only(ones: dict[str, Any], twos: dict[str, Any]) -> str:
    """What only the first of two has, and if it is nothing, how much both have."""
    names = [name for name in ones if name not in twos]
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "") or "nothing more"


def _equal(one: Any, two: Any) -> bool:
    if hasattr(one, "shape") or hasattr(two, "shape"):  # arrays, and tensors of any library
        a, b = np.asarray(one), np.asarray(two)
        if object in (a.dtype, b.dtype):
            return a.shape == b.shape and all(map(_same, a.ravel().tolist(), b.ravel().tolist()))
        return a.shape == b.shape and bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))
    return bool(one == two) or bool(one != one and two != two)


def _same(one: Any, two: Any) -> bool:
    return not difference(one, two, "")


def _told_apart(one: Any, two: Any, where: str) -> str:
    """Where two values that are not equal differ; of arrays that look alike, what shows it."""
    shown, other = _short(one), _short(two)
    if shown == other and hasattr(one, "shape") and hasattr(two, "shape"):
        a, b = np.asarray(one), np.asarray(two)
        if a.shape != b.shape:
            return f"{where} has the shape {a.shape} in the one and {b.shape} in the other"
        pairs = zip(np.ndindex(a.shape), a.ravel().tolist(), b.ravel().tolist(), strict=True)
        place, first, second = next(pair for pair in pairs if not _equal(*pair[1:]))
        return difference(first, second, f"{where}{list(place) if place else ''}")
    return f"{where} is {shown} in the one and {other} in the other"


def _short(value: Any) -> str:
    return np.array2string(np.asarray(value), threshold=16) if hasattr(value, "shape") else repr(value)
