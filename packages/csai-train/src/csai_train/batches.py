"""Batches of observations and actions: arrays whose first axis counts environments, in dicts if need be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from gymnasium import spaces


def stack(space: spaces.Space[Any], values: Sequence[Any]) -> Any:
    """Stack single values of a space into a batch; Dict and Tuple spaces become dicts and tuples."""
    if isinstance(space, spaces.Dict):
        return {name: stack(each, [v[name] for v in values]) for name, each in space.spaces.items()}
    if isinstance(space, spaces.Tuple):
        return tuple(stack(each, [v[i] for v in values]) for i, each in enumerate(space.spaces))
    return np.array(values, dtype=space.dtype)


def unstack(batch: Any, count: int) -> list[Any]:
    """The single values in a batch of `count`."""
    if isinstance(batch, dict):
        parts = {name: unstack(each, count) for name, each in batch.items()}
        return [{name: part[i] for name, part in parts.items()} for i in range(count)]
    if isinstance(batch, tuple):
        return list(zip(*(unstack(each, count) for each in batch), strict=True))
    return list(batch)


def replace(batch: Any, index: int, value: Any) -> None:
    """Put a single value into a batch, in place."""
    if isinstance(batch, dict):
        for name in batch:
            replace(batch[name], index, value[name])
    elif isinstance(batch, tuple):
        for part, each in zip(batch, value, strict=True):
            replace(part, index, each)
    else:
        batch[index] = value


def copy(batch: Any) -> Any:
    """A batch that shares no memory with the given one."""
    if isinstance(batch, dict):
        return {name: copy(each) for name, each in batch.items()}
    if isinstance(batch, tuple):
        return tuple(copy(each) for each in batch)
    return batch.copy()


def is_finite(batch: Any) -> bool:
    """Whether a batch holds neither NaN nor infinity."""
    if isinstance(batch, dict):
        return all(is_finite(each) for each in batch.values())
    if isinstance(batch, tuple):
        return all(is_finite(each) for each in batch)
    return batch.dtype.kind != "f" or bool(np.isfinite(batch).all())


def length(batch: Any) -> int:
    """How many single values a batch holds."""
    while isinstance(batch, (dict, tuple)):
        batch = next(iter(batch.values())) if isinstance(batch, dict) else batch[0]
    return len(batch)


def of_one(value: Any) -> Any:
    """A batch of one value."""
    if isinstance(value, dict):
        return {name: of_one(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(of_one(each) for each in value)
    return np.asarray(value)[None]
