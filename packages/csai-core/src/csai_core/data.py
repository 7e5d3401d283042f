"""Handling batches of data: cutting them up, and making them from lists of observations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from csai_core.errors import ConfigError, EmptyError
from csai_core.search import h_distance


def get_minibatches(data: Any, minibatch_size: int, rng: np.random.Generator | None = None) -> Iterator[Any]:
    """Cut data into minibatches, so that every sample is in exactly one of them.

    Args:
        data: an array, or a dict, tuple or list of arrays, all with the same first axis.
        minibatch_size: samples in each minibatch; the last has what is left.
        rng: shuffles the samples; None keeps their order.

    Returns:
        Minibatches of the same structure as `data`, as new arrays.

    Raises:
        ConfigError: if `minibatch_size` is below 1, or the first axes differ.
    """
    if minibatch_size < 1:
        raise ConfigError(f"minibatch_size is {minibatch_size}; it must be 1 or more.")
    count = _num_samples(data)
    order = np.arange(count) if rng is None else rng.permutation(count)
    return (_take(data, order[i : i + minibatch_size]) for i in range(0, count, minibatch_size))


def dict_list_to_batch(observations: Sequence[Mapping[str, ArrayLike]]) -> dict[str, NDArray[Any]]:
    """Stack observations that are dicts into one dict of arrays, each with the batch as first axis.

    Raises:
        EmptyError: if there are no observations.
        ConfigError: if they have different keys, or one key has values of different shapes.
    """
    if not observations:
        raise EmptyError("dict_list_to_batch was given no observations; give it one or more.")
    keys = observations[0].keys()
    for index, observation in enumerate(observations):
        if observation.keys() != keys:
            raise ConfigError(
                f"Observation {index} has the keys {sorted(observation)}, the first has {sorted(keys)}; "
                "they must be the same."
            )
    return {key: _stack(key, [observation[key] for observation in observations]) for key in keys}


def distance(start: Sequence[float], end: Sequence[float]) -> float:
    """The straight-line distance of two points of any dimension."""
    return h_distance(start, end)


def _stack(key: str, values: list[ArrayLike]) -> NDArray[Any]:
    arrays = [np.asarray(value) for value in values]
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1:
        raise ConfigError(f"The values of {key!r} have the shapes {sorted(shapes)}; they must be the same.")
    return np.stack(arrays)


def _arrays(data: Any) -> list[Any]:
    if isinstance(data, Mapping):
        return list(data.values())
    return list(data) if isinstance(data, (tuple, list)) else [data]


def _num_samples(data: Any) -> int:
    counts = {len(array) for array in _arrays(data)}
    if len(counts) != 1:
        raise ConfigError(
            f"get_minibatches was given arrays with {sorted(counts)} samples; give it one or more arrays, "
            "all with the same first axis."
        )
    return counts.pop()


def _take(data: Any, chosen: NDArray[np.intp]) -> Any:
    if isinstance(data, Mapping):
        return {key: np.asarray(array)[chosen] for key, array in data.items()}
    if isinstance(data, (tuple, list)):
        return type(data)(np.asarray(array)[chosen] for array in data)
    return np.asarray(data)[chosen]
