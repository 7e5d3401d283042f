"""Where a buffer keeps its transitions: a column for each field, of arrays or of pictures."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.errors import ConfigError
from csai_core.memory import require_memory
from csai_train.buffers.pictures import PictureColumn, Pictures, compact, picture_shape
from csai_train.buffers.row_size import bytes_of_row

_UNKNOWN: dict[str, NDArray[Any]] = {
    "log_prob": np.full(1, np.nan, dtype=np.float32),
    "value": np.full(1, np.nan, dtype=np.float32),
    "num_steps": np.ones(1, dtype=np.int16),
    "next_action_mask": np.ones(1, dtype=np.int8),
}
"""What is not kept until it is first given, and what stands for it in transitions without it."""
_PICTURES = "pictures"
"""Under which name pictures are saved, beside the fields."""
_LOADED_AT_ONCE = 64
"""Rows that are made whole at a time when they are loaded."""


class Columns:
    """Rows of fields, each a column (or a dict or tuple of them) with leading axis capacity.

    The columns are made when the first rows arrive, in their shapes and dtypes; uint8 stays uint8. Numbers
    are kept in arrays, and pictures each once; `picture_shape` tells what is a picture.

    Args:
        owner: who keeps them, for errors.
        capacity: how many rows there is room for.
    """

    def __init__(self, owner: str, capacity: int) -> None:
        self.owner = owner
        self.capacity = capacity
        self._columns: dict[str, Any] = {}
        self._pictures: dict[str, list[PictureColumn]] = {}
        """The columns of pictures of one shape, which share them."""

    def __bool__(self) -> bool:
        """Whether the columns are made."""
        return bool(self._columns)

    def make(self, rows: Mapping[str, Any]) -> None:
        """Make the columns, for rows like these.

        Raises:
            ConfigError: if this machine has no memory for as many.
        """
        needed = bytes_of_row(rows) * self.capacity
        require_memory(
            f"A buffer of {self.capacity:,} such transitions", needed, "Give it a smaller capacity."
        )
        self._pictures = {}
        self._columns = trees.apply(self._column, dict(rows))

    def require_like(self, rows: Mapping[str, Any]) -> None:
        """Refuse rows that cannot be put here without losing anything but precision.

        Raises:
            ConfigError: naming the field, its form here and the form of what was given.
        """
        for name, values in rows.items():
            if name in self._columns and not _is_like(self._columns[name], values):
                raise ConfigError(
                    f"This {self.owner} holds {name}s of {_form(self._columns[name])}; one of "
                    f"{_form(values)} cannot be stored with them."
                )

    def make_room(self, count: int) -> None:
        """Make sure that so many more rows can be put here, whatever pictures they bring.

        Raises:
            ConfigError: if this machine has no memory for them.
        """
        for columns in self._pictures.values():
            in_row = sum(math.prod(column.numbers.shape[1:]) for column in columns)
            columns[0].pictures.make_room(count * in_row)

    def put(self, index: Any, rows: Mapping[str, Any]) -> None:
        """Write rows, which are like those here and for which there is room, over those at `index`."""
        if rows.keys() != self._columns.keys():
            rows = self._completed(rows)
        for name, values in rows.items():
            column = self._columns[name]
            if isinstance(column, np.ndarray):  # as most are; each step is stored
                column[index] = values
            else:
                trees.replace(column, index, values)

    def take(self, index: NDArray[np.int64]) -> dict[str, Any]:
        """Copies of the rows at an array of positions."""
        taken: dict[str, Any] = trees.apply(lambda column: column.take(index, axis=0), self._columns)
        return taken

    def first(self, count: int) -> dict[str, Any]:
        """Copies of the first rows, to be saved.

        A column of pictures is a list: under which name they stand in "pictures", and which of them each row
        shows.
        """
        pictures: dict[str, NDArray[np.uint8]] = {}
        saved: dict[PictureColumn, list[Any]] = {}
        for name, columns in self._pictures.items():
            pictures[name], places = compact(columns, count)
            saved.update((column, [name, each]) for column, each in zip(columns, places, strict=True))
        rows: dict[str, Any] = trees.apply(
            lambda column: saved[column] if isinstance(column, PictureColumn) else column[:count].copy(),
            self._columns,
        )
        return {**rows, _PICTURES: pictures} if pictures else rows

    def load(self, rows: Mapping[str, Any], count: int) -> None:
        """Hold `count` rows, and what `first` gave; forget everything else."""
        self._columns, self._pictures = {}, {}
        if not rows:
            return
        pictures = rows.get(_PICTURES, {})
        fields = {name: field for name, field in rows.items() if name != _PICTURES}

        def part(first: int, last: int) -> dict[str, Any]:
            found: dict[str, Any] = trees.apply(
                lambda saved: (
                    pictures[saved[0]][saved[1][first:last]] if isinstance(saved, list) else saved[first:last]
                ),
                fields,
            )
            return found

        self.make(part(0, _LOADED_AT_ONCE))
        for first in range(0, count, _LOADED_AT_ONCE):
            last = min(first + _LOADED_AT_ONCE, count)
            self.make_room(last - first)
            self.put(slice(first, last), part(first, last))

    def _column(self, rows: NDArray[Any]) -> NDArray[Any] | PictureColumn:
        if (shape := picture_shape(rows)) is None:
            return np.empty((self.capacity, *rows.shape[1:]), dtype=rows.dtype)
        columns = self._pictures.setdefault("x".join(map(str, shape)), [])
        pictures = columns[0].pictures if columns else Pictures(shape)
        columns.append(PictureColumn(pictures, self.capacity, rows.shape[1:]))
        return columns[-1]

    def _completed(self, rows: Mapping[str, Any]) -> dict[str, Any]:
        """Rows with all that is kept here, after making room for what was never given before."""
        added = {name: _UNKNOWN[name] for name in _UNKNOWN if name in self._columns}
        rows = {**added, **rows}
        for name in rows.keys() & _UNKNOWN.keys() - self._columns.keys():
            shape = (self.capacity, *rows[name].shape[1:])
            self._columns[name] = np.full(shape, _UNKNOWN[name])
        return rows


def _is_like(column: Any, values: Any) -> bool:
    if isinstance(column, (np.ndarray, PictureColumn)):
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
