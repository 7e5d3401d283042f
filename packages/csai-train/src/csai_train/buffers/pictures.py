"""Columns of pictures: each different picture is kept once, however many observations show it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.memory import require_memory

_FEWEST_BYTES = 1024
"""Of a picture; what is smaller is kept as it is, as knowing a picture again takes 200 bytes."""
_MOST_STACKED = 16
"""A longer first axis is one of the picture, not of a stack."""
_NOTHING = 0
"""The number of no picture: what stands in rows that nobody has written."""


def picture_shape(values: NDArray[Any]) -> tuple[int, ...] | None:
    """The shape of the pictures in rows; None where they hold none.

    Pictures are of uint8, have two axes or more, and 1 KiB or more. Where there are three axes or more, the
    first of them short, each row is a stack of pictures: (4, 84, 84) is four.

    Args:
        values: the rows, with leading axis count.
    """
    shape = values.shape[1:]
    if values.dtype != np.uint8 or len(shape) < 2:
        return None
    if len(shape) > 2 and shape[0] <= _MOST_STACKED and math.prod(shape[1:]) >= _FEWEST_BYTES:
        return shape[1:]
    return shape if math.prod(shape) >= _FEWEST_BYTES else None


class Pictures:
    """Different pictures of one shape, by numbers.

    A picture is known again by its bytes, which are all compared: wherever it comes from, and whenever. It
    is dropped once nobody refers to it. What is held are the bytes of the different pictures, an eighth of
    that as room for more, and some 200 bytes for each picture to know it again.

    Args:
        shape: of a picture.
    """

    def __init__(self, shape: Sequence[int]) -> None:
        self.shape = tuple(shape)
        self._pictures: NDArray[np.uint8] = np.empty((1, *shape), np.uint8)
        self._references = [0]
        """How often each is referred to; 0 where there is room for another."""
        self._keys = [0]
        """The hash of each."""
        self._numbers: dict[int, int] = {}
        """By hash."""
        self._free: list[int] = []

    def __len__(self) -> int:
        """How many different pictures are held."""
        return len(self._references) - 1 - len(self._free)

    def make_room(self, count: int) -> None:
        """Make sure that `count` more pictures can be kept.

        Raises:
            ConfigError: if this machine has no memory for them.
        """
        size = len(self._pictures)
        if (missing := len(self) + 1 + count - size) <= 0:
            return
        size += max(missing, size // 8)
        require_memory(
            f"A buffer in which {len(self):,} pictures are different so far",
            size * math.prod(self.shape),
            "Give it a smaller capacity.",
        )
        # The system moves the memory without copying it, as it never was a large array made by numpy at once.
        self._pictures.resize((size, *self.shape), refcheck=False)

    def keep(self, stack: NDArray[np.uint8]) -> list[int]:
        """The numbers of some pictures, each referred to once more; there must be room for them.

        Args:
            stack: (count, *shape).
        """
        numbers = []
        for picture in stack:
            data = picture.tobytes()
            key = hash(data)
            number = self._numbers.get(key, _NOTHING)
            if number == _NOTHING or self._pictures[number].tobytes() != data:
                number = self._add(picture, key)
            self._references[number] += 1
            numbers.append(number)
        return numbers

    def release(self, numbers: Sequence[int]) -> None:
        """Refer to pictures once less, and drop those that nobody refers to."""
        for number in filter(None, numbers):  # rows that nobody has written hold none
            self._references[number] -= 1
            if not self._references[number]:
                self._free.append(number)
                if self._numbers.get(self._keys[number]) == number:
                    del self._numbers[self._keys[number]]

    def take(self, numbers: NDArray[np.int64]) -> NDArray[np.uint8]:
        """Copies of pictures: (*shape of the numbers, *shape)."""
        return self._pictures.take(numbers, axis=0)

    def _add(self, picture: NDArray[np.uint8], key: int) -> int:
        if self._free:
            number = self._free.pop()
        else:
            number = len(self._references)
            self._references.append(0)
            self._keys.append(0)
        self._pictures[number] = picture
        self._keys[number] = key
        self._numbers[key] = number
        return number


class PictureColumn:
    """Rows of pictures, or of stacks of them, each row as the numbers of its pictures: 8 bytes for each.

    Args:
        pictures: where the pictures are; several columns may share them.
        capacity: how many rows there is room for.
        shape: of a row.
    """

    dtype = np.dtype(np.uint8)

    def __init__(self, pictures: Pictures, capacity: int, shape: tuple[int, ...]) -> None:
        self.pictures = pictures
        self.shape = (capacity, *shape)
        self.numbers = np.zeros((capacity, *shape[: len(shape) - len(pictures.shape)]), np.int64)

    def __setitem__(self, index: slice | NDArray[np.int64], values: NDArray[Any]) -> None:
        """Write rows over those at `index`; there must be room for their pictures."""
        numbers = self.numbers.reshape(len(self.numbers), -1)
        in_row = numbers.shape[1:]  # -1 would not do where there are no values
        stacks = values.astype(self.dtype, copy=False).reshape(-1, *in_row, *self.pictures.shape)
        positions = range(index.start, index.stop) if isinstance(index, slice) else index.tolist()
        for position, stack in zip(positions, stacks, strict=True):
            before = numbers[position].tolist()
            numbers[position] = self.pictures.keep(stack)
            self.pictures.release(before)

    def take(self, index: NDArray[np.int64], axis: int = 0) -> NDArray[np.uint8]:
        """Copies of the rows at an array of positions, as an array has it."""
        return self.pictures.take(self.numbers.take(index, axis=axis))


def compact(
    columns: Sequence[PictureColumn], count: int
) -> tuple[NDArray[np.uint8], list[NDArray[np.int64]]]:
    """The first rows of columns that share their pictures, to be saved: they say alone what comes out.

    Returns:
        The pictures, in the order in which they come in the rows, and the rows of each column, as places
        among those.
    """
    rows = [column.numbers[:count] for column in columns]
    numbers, first = np.unique(np.concatenate([each.ravel() for each in rows]), return_index=True)
    numbers = numbers[np.argsort(first)]
    places = np.zeros(numbers.max(initial=0) + 1, np.int64)
    places[numbers] = np.arange(len(numbers))
    return columns[0].pictures.take(numbers), [places[each] for each in rows]
