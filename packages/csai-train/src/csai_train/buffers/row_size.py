"""How much memory each row of columns will take, judged by the first."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_train.buffers.pictures import picture_shape


def bytes_of_row(rows: Mapping[str, Any]) -> int:
    """What a row will take, with the pictures that it is the first to show: one at least, if it shows any.

    Args:
        rows: some transitions, by the names of the fields of `Transitions`, each with leading axis count.
    """
    sizes: list[int] = []
    trees.apply(lambda column: sizes.append(_bytes_in_column(column)), dict(rows))
    before, after = (_pictures_in(rows.get(name, ())) for name in ("observation", "next_observation"))
    num_steps = int(np.sum(rows["num_steps"])) if "num_steps" in rows else trees.length(rows)
    new = sum(map(len, after - before)) // max(num_steps, 1)
    return sum(sizes) + max([new, *map(len, before)])


def _bytes_in_column(column: NDArray[Any]) -> int:
    """What a row of one column takes, besides the pictures that it shows."""
    if (shape := picture_shape(column)) is None:
        return math.prod(column.shape[1:]) * column.itemsize
    return 8 * math.prod(column.shape[1 : column.ndim - len(shape)])


def _pictures_in(columns: Any) -> set[bytes]:
    found: set[bytes] = set()

    def note(column: NDArray[Any]) -> None:
        if (shape := picture_shape(column)) is not None:
            found.update(picture.tobytes() for picture in column.reshape(-1, *shape))

    trees.apply(note, columns)
    return found
