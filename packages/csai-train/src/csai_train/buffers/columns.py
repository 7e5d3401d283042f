"""Where a buffer keeps its transitions: preallocated arrays, one for each field."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.errors import ConfigError
from csai_core.memory import require_memory

_UNKNOWN: dict[str, NDArray[Any]] = {
    "log_prob": np.full(1, np.nan, dtype=np.float32),
    "value": np.full(1, np.nan, dtype=np.float32),
    "num_steps": np.ones(1, dtype=np.int16),
    "next_action_mask": np.ones(1, dtype=np.int8),
}
"""What is not kept until it is first given, and what stands for it in transitions without it."""


class Columns:
    """Rows of fields, each an array (or a dict or tuple of them) with leading axis capacity.

    The arrays are made when the first rows arrive, in their shapes and dtypes; uint8 stays uint8.

    Args:
        owner: who keeps them, for errors.
        capacity: how many rows there is room for.
    """

    def __init__(self, owner: str, capacity: int) -> None:
        self.owner = owner
        self.capacity = capacity
        self._arrays: dict[str, Any] = {}

    def __bool__(self) -> bool:
        """Whether the arrays are made."""
        return bool(self._arrays)

    def make(self, rows: Mapping[str, Any]) -> None:
        """Make the arrays, for rows like these.

        Raises:
            ConfigError: if this machine has no memory for as many.
        """
        sizes: list[int] = []
        trees.apply(lambda array: sizes.append(math.prod(array.shape[1:]) * array.itemsize), dict(rows))
        needed = sum(sizes) * self.capacity
        require_memory(
            f"A buffer of {self.capacity:,} such transitions", needed, "Give it a smaller capacity."
        )
        self._arrays = trees.apply(
            lambda array: np.empty((self.capacity, *array.shape[1:]), dtype=array.dtype), dict(rows)
        )

    def require_like(self, rows: Mapping[str, Any]) -> None:
        """Refuse rows that cannot be put here without losing anything but precision.

        Raises:
            ConfigError: naming the field, its form here and the form of what was given.
        """
        for name, values in rows.items():
            if name in self._arrays and not _is_like(self._arrays[name], values):
                raise ConfigError(
                    f"This {self.owner} holds {name}s of {_form(self._arrays[name])}; one of "
                    f"{_form(values)} cannot be stored with them."
                )

    def put(self, index: Any, rows: Mapping[str, Any]) -> None:
        """Write rows, which are like those here, over those at `index`."""
        if rows.keys() != self._arrays.keys():
            rows = self._completed(rows)
        for name, values in rows.items():
            trees.replace(self._arrays[name], index, values)

    def take(self, index: NDArray[np.int64]) -> dict[str, Any]:
        """Copies of the rows at an array of positions."""
        taken: dict[str, Any] = trees.apply(lambda column: column.take(index, axis=0), self._arrays)
        return taken

    def first(self, count: int) -> dict[str, Any]:
        """Copies of the first rows."""
        taken: dict[str, Any] = trees.take(self._arrays, slice(count))
        return taken

    def load(self, rows: Mapping[str, Any], count: int) -> None:
        """Hold `count` rows, and what `first` gave; forget everything else."""
        self._arrays = {}
        if rows:
            self.make(rows)
            self.put(slice(0, count), rows)

    def _completed(self, rows: Mapping[str, Any]) -> dict[str, Any]:
        """Rows with all that is kept here, after making room for what was never given before."""
        added = {name: _UNKNOWN[name] for name in _UNKNOWN if name in self._arrays}
        rows = {**added, **rows}
        for name in rows.keys() & _UNKNOWN.keys() - self._arrays.keys():
            shape = (self.capacity, *rows[name].shape[1:])
            self._arrays[name] = np.full(shape, _UNKNOWN[name])
        return rows


def _is_like(column: Any, values: Any) -> bool:
    if isinstance(column, np.ndarray):
        return (
            isinstance(values, np.ndarray)
            and column.shape[1:] == values.shape[1:]
            and (column.dtype is values.dtype or np.can_cast(values.dtype, column.dtype, "same_kind"))
        )
    if isinstance(column, dict):
        return (
            isinstance(values, dict)
            and column.keys() == values.keys()
            and all(_is_like(column[name], values[name]) for name in column)
        )
    return isinstance(values, tuple) and len(column) == len(values) and all(map(_is_like, column, values))


def _form(batch: Any) -> Any:
    """Shapes and dtypes of single values."""
    return trees.apply(lambda array: f"shape {array.shape[1:]} of {array.dtype}", batch)
