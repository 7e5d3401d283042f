"""Observations: whether they are what their space says, and batches of them that are nobody else's."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces

from csai_core.errors import EnvironmentWarning
from csai_core.gate import words
from csai_core.gate.arrays import ArrayPart, shortened
from csai_core.gate.values import Improper

Warn = Callable[[str], None]
_IN_ARRAYS = (spaces.Box, spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary)


def warn_python(message: str) -> None:
    """Warn by Python's own means."""
    warnings.warn(message, EnvironmentWarning, stacklevel=2)


class ObservationGate:
    """Looks at the observations of environments with one space.

    Another shape, a missing part, NaN, infinity, and numbers that mean nothing (outside a Discrete) are
    refused. Another dtype that can be cast, and numbers outside a Box, are warned of once and taken.

    Args:
        space: of one observation.
        warn: hears of what can be got over; None is for those who need not hear it.
    """

    def __init__(self, space: spaces.Space[Any], warn: Warn | None = warn_python) -> None:
        self.warn = warn
        self._root = _part(self, space, "observation")

    def stack(self, values: Sequence[Any], indices: Sequence[int] | None = None) -> Any:
        """A batch of the observations of some environments, in which each is cast and copied.

        Args:
            values: one of each.
            indices: which environments gave them; None where they are the first, the second and so on.

        Raises:
            Improper: if one is not what the space says.
        """
        return self._root.stack(values, range(len(values)) if indices is None else indices)

    def own(self, batch: Any, count: int) -> Any:
        """A batch that a vector environment gave, cast and copied.

        Raises:
            Improper: if it is not what the space says.
        """
        return self._root.own(batch, count)

    def tell(self, message: str) -> None:
        """Warn of what can be got over, if anybody hears."""
        if self.warn is not None:
            self.warn(message)

    def single(self, value: Any, index: int = 0) -> Any:
        """A copy of one observation as it is, uncast.

        Raises:
            Improper: if it is not what the space says.
        """
        self._root.stack([value], [index])
        return copied(value)


def copied(value: Any) -> Any:
    """A value that shares no array with the given one."""
    kind = type(value)
    if kind is np.ndarray:
        return value.copy()
    if kind is dict:
        return {name: copied(each) for name, each in value.items()}
    if kind is list or kind is tuple:
        return kind(map(copied, value))
    return value if isinstance(value, (int, float, str, np.generic)) else copy.deepcopy(value)


def _part(gate: ObservationGate, space: spaces.Space[Any], path: str) -> Any:
    if isinstance(space, spaces.Dict):
        return _DictPart(
            path, {name: _part(gate, each, f"{path}[{name!r}]") for name, each in space.spaces.items()}
        )
    if isinstance(space, spaces.Tuple):
        return _TuplePart(path, [_part(gate, each, f"{path}[{i}]") for i, each in enumerate(space.spaces)])
    if isinstance(space, _IN_ARRAYS):
        return ArrayPart(space, path, gate.tell)
    return _OtherPart()


class _DictPart:
    def __init__(self, path: str, parts: dict[str, Any]) -> None:
        self._path = path
        self._parts = parts

    def stack(self, values: Sequence[Any], indices: Sequence[int]) -> dict[str, Any]:
        for index, value in zip(indices, values, strict=True):
            self._check(value, index)
        return {name: part.stack([v[name] for v in values], indices) for name, part in self._parts.items()}

    def own(self, batch: Any, count: int) -> dict[str, Any]:
        self._check(batch, None)
        return {name: part.own(batch[name], count) for name, part in self._parts.items()}

    def _check(self, value: Any, index: int | None) -> None:
        if not isinstance(value, Mapping):
            raise Improper(
                f"{self._path} is {shortened(value)}; it must be a dict with the parts "
                f"{', '.join(map(repr, self._parts))}.",
                index,
            )
        if not self._parts.keys() <= value.keys():
            missing = next(name for name in self._parts if name not in value)
            given = ", ".join(map(repr, value)) or "nothing"
            raise Improper(
                f"{self._path} has no part {missing!r}; it has {given}. {words.OBSERVATION}", index
            )


class _TuplePart:
    def __init__(self, path: str, parts: list[Any]) -> None:
        self._path = path
        self._parts = parts

    def stack(self, values: Sequence[Any], indices: Sequence[int]) -> tuple[Any, ...]:
        for index, value in zip(indices, values, strict=True):
            self._check(value, index)
        return tuple(part.stack([v[i] for v in values], indices) for i, part in enumerate(self._parts))

    def own(self, batch: Any, count: int) -> tuple[Any, ...]:
        self._check(batch, None)
        return tuple(part.own(each, count) for part, each in zip(self._parts, batch, strict=True))

    def _check(self, value: Any, index: int | None) -> None:
        if not isinstance(value, (tuple, list)) or len(value) != len(self._parts):
            raise Improper(
                f"{self._path} is {shortened(value)}, but must be a tuple of {len(self._parts)}.", index
            )


class _OtherPart:
    """What no array holds, such as texts and graphs: handed on as it is."""

    def stack(self, values: Sequence[Any], indices: Sequence[int]) -> list[Any]:
        return list(values)

    def own(self, batch: Any, count: int) -> Any:
        return batch
