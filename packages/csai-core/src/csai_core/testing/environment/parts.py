"""The parts of an observation, each as something to look up."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import Any

import numpy as np

from csai_core.testing.compare import leaves

_MOST_NUMBERS = 16
"""Of a vector, for each of them to be a part of its own."""


def parts_of(observation: Any) -> Iterator[tuple[str, Hashable]]:
    """The observation, its parts, and the numbers of short vectors, each with what it is called."""
    whole = [(path, np.asarray(value)) for path, value in leaves(observation, "observation")]
    if len(whole) > 1:
        yield "the observation", tuple(_key(array) for _, array in whole)
    for path, array in whole:
        yield path, _key(array)
        if array.ndim == 1 and 1 < array.size <= _MOST_NUMBERS:
            for index, number in enumerate(array):
                yield f"{path}[{index}]", _key(number)


def _key(value: Any) -> Hashable:
    return np.asarray(value).tobytes()
