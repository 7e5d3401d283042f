"""Batches of observations and actions: arrays whose first axis counts environments, in dicts if need be."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces


def stack(space: spaces.Space[Any], values: Sequence[Any]) -> Any:
    """Stack single values of a space into a batch; Dict and Tuple spaces become dicts and tuples."""
    if space.dtype is not None:
        return np.array(values, dtype=space.dtype)
    if isinstance(space, spaces.Dict):
        return {name: stack(each, [v[name] for v in values]) for name, each in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(stack(each, [v[i] for v in values]) for i, each in enumerate(space.spaces))
    raise TypeError(f"Values of {space} cannot be stacked into arrays.")


def unstack(batch: Any, count: int) -> list[Any]:
    """The single values in a batch of `count`."""
    if isinstance(batch, dict):
        parts = {name: unstack(each, count) for name, each in batch.items()}
        return [{name: part[i] for name, part in parts.items()} for i in range(count)]
    if isinstance(batch, tuple):
        return list(zip(*(unstack(each, count) for each in batch), strict=True))
    return [batch[i] for i in range(count)]  # quicker than iterating over an array


def replace(batch: Any, index: Any, value: Any) -> None:
    """Put a single value at a number, or a batch of them at an array of numbers, into a batch, in place."""
    if isinstance(batch, dict):
        for name in batch:
            replace(batch[name], index, value[name])
    elif isinstance(batch, tuple):
        for part, each in zip(batch, value, strict=True):
            replace(part, index, each)
    else:
        batch[index] = value


def apply(function: Callable[..., Any], batch: Any, *others: Any) -> Any:
    """The same dict or tuple, with `function` applied to every array in it.

    Args:
        function: takes an array, and what stands in its place in each of the others.
        batch: whatever is neither dict nor tuple counts as an array.
        *others: with the same dicts and tuples, as far down as the batch has any.
    """
    if isinstance(batch, dict):
        return {
            name: apply(function, each, *(other[name] for other in others)) for name, each in batch.items()
        }
    if isinstance(batch, tuple):
        return tuple(apply(function, *parts) for parts in zip(batch, *others, strict=True))
    return function(batch, *others)


def copy(batch: Any) -> Any:
    """A batch that shares no memory with the given one."""
    return apply(lambda array: array.copy(), batch)


def take(batch: Any, index: Any) -> Any:
    """The single value at a number, or the values at an array of numbers, as values of their own."""
    return apply(lambda array: array[index].copy(), batch)


def is_finite(batch: Any) -> bool:
    """Whether a batch holds neither NaN nor infinity."""
    if isinstance(batch, dict):
        return all(is_finite(each) for each in batch.values())
    if isinstance(batch, tuple):
        return all(is_finite(each) for each in batch)
    if batch.dtype.kind != "f":
        return True
    # The sum of squares is several times faster, and finite only if all are; it may overflow, though.
    if batch.dtype.itemsize >= 4 and math.isfinite(np.vdot(batch, batch)):
        return True
    return bool(np.isfinite(batch).all())


def join(one: Any, other: Any) -> Any:
    """Two batches as one, the other's rows after the one's."""
    return apply(lambda *parts: np.concatenate(parts), one, other)


def are_equal(one: Any, other: Any) -> bool:
    """Whether two batches hold the same values, in the same shapes."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(are_equal(one[name], other[name]) for name in one)
    if isinstance(one, tuple):
        return len(one) == len(other) and all(map(are_equal, one, other))
    return np.array_equal(one, other)


def fits(space: spaces.Space[Any], batch: Any, count: int) -> bool:
    """Whether a batch has the form of `count` values of a space; which numbers it holds does not matter."""
    if isinstance(space, spaces.Dict):
        return (
            isinstance(batch, dict)
            and batch.keys() == space.spaces.keys()
            and all(fits(each, batch[name], count) for name, each in space.spaces.items())
        )
    if isinstance(space, spaces.Tuple):
        parts = space.spaces
        return (
            isinstance(batch, tuple)
            and len(batch) == len(parts)
            and all(fits(each, part, count) for each, part in zip(parts, batch, strict=True))
        )
    if space.shape is None:
        return len(batch) == count
    return (
        isinstance(batch, np.ndarray) and batch.shape == (count, *space.shape) and batch.dtype.kind in "biuf"
    )


def length(batch: Any) -> int:
    """How many single values a batch holds."""
    while isinstance(batch, (dict, tuple)):
        batch = next(iter(batch.values())) if isinstance(batch, dict) else batch[0]
    return len(batch)


def of_one(value: Any) -> Any:
    """A batch of one value."""
    return apply(lambda array: np.asarray(array)[None], value)
