"""The parts of observations that arrays hold: their form, their bounds, and their copies."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core import trees
from csai_core.errors import SpaceError
from csai_core.gate import words
from csai_core.gate.values import Improper
from csai_core.shell.casting import cast_array

_FIRST_LOOKS, _EVERY = 1_000, 16
"""The bounds of a Box are compared in so many batches at first, then in every so many-th: it takes time."""


class ArrayPart:
    """A part of an observation that is one array, or one number.

    Args:
        space: of it: a Box, Discrete, MultiDiscrete or MultiBinary.
        path: how to call it, such as "observation['board']".
        tell: hears of what can be got over.
    """

    def __init__(self, space: Any, path: str, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._space = space
        self._path = path
        self._shape: tuple[int, ...] = tuple(space.shape)
        self._dtype: np.dtype[Any] = space.dtype
        self._limits = _limits(space)
        self._is_cast = False
        self._num_looks = 0
        self._next_close_look = 0 if self._dtype.kind != "f" or self._limits else math.inf

    def stack(self, values: Sequence[Any], indices: Sequence[int]) -> NDArray[Any]:
        """A batch of values; see `ObservationGate.stack`."""
        try:
            batch = np.array(values)
        except (ValueError, TypeError, RuntimeError):  # of several shapes, or no arrays at all
            batch = self._cast(values, indices)
        if batch.dtype != self._dtype or batch.shape != (len(values), *self._shape):
            batch = self._cast(values, indices)
        self._look(batch, indices)
        return batch

    def own(self, batch: Any, count: int) -> NDArray[Any]:
        """A batch that nobody else has; see `ObservationGate.own`."""
        if isinstance(batch, np.ndarray):
            if batch.dtype == self._dtype and batch.shape == (count, *self._shape):
                copy: NDArray[Any] = batch.copy()
                self._look(copy, range(count))
                return copy
            if batch.ndim and len(batch) == count:
                return self.stack(list(batch), range(count))
        raise Improper(
            f"{self._path} is {shortened(batch)}; a batch of {count} in {self._space} is an array of shape "
            f"{(count, *self._shape)}."
        )

    def _cast(self, values: Sequence[Any], indices: Sequence[int]) -> NDArray[Any]:
        """Every value as the space holds it; what may have lost digits by that is told of once."""
        rows = []
        for index, value in zip(indices, values, strict=True):
            try:
                rows.append(cast_array(value, self._space, self._path))
            except SpaceError as error:
                raise Improper(f"{error} {words.OBSERVATION}", index) from None
            self._tell_of_cast(np.asarray(value).dtype, index)
        return np.array(rows, dtype=self._dtype)

    def _tell_of_cast(self, given: np.dtype[Any], index: int) -> None:
        if self._is_cast or not isinstance(self._space, spaces.Box) or np.can_cast(given, self._dtype):
            return
        self._is_cast = True
        self._tell(
            f"Environment {index} gives {self._path} as {given}, and its space says {self._dtype}. It is "
            f"cast. Return it as {self._dtype}, or declare the space so."
        )

    def _look(self, batch: NDArray[Any], indices: Sequence[int]) -> None:
        """Refuse or tell of numbers that do not lie in the space."""
        self._num_looks += 1
        if self._num_looks < self._next_close_look and math.isfinite(np.vdot(batch, batch)):
            return
        if self._limits is not None:
            if isinstance(self._space, spaces.Box) and self._num_looks > _FIRST_LOOKS:
                self._next_close_look = self._num_looks + _EVERY
            low, high = self._limits
            if np.count_nonzero(batch >= low) == np.count_nonzero(batch <= high) == batch.size:
                return
        if not trees.is_finite(batch):
            at = tuple(np.argwhere(~np.isfinite(batch))[0].tolist())
            raise Improper(f"{self._name(at)} is {batch[at]}. {words.NOT_FINITE}", indices[at[0]])
        if self._limits is not None:
            self._refuse_or_tell_outside(batch, indices)

    def _refuse_or_tell_outside(self, batch: NDArray[Any], indices: Sequence[int]) -> None:
        low, high = self._limits or (0, 0)
        at = tuple(np.argwhere((batch < low) | (batch > high))[0].tolist())
        bounds = [np.broadcast_to(each, self._shape)[at[1:]] for each in (low, high)]
        what = f"{self._name(at)} is {batch[at]}, outside its bounds {bounds[0]} to {bounds[1]}"
        if not isinstance(self._space, spaces.Box):
            raise Improper(f"{what}. {words.OBSERVATION}", indices[at[0]])
        self._limits, self._next_close_look = None, math.inf
        self._tell(f"In environment {indices[at[0]]}, {what}. Clip it, or declare the space wider.")

    def _name(self, at: tuple[int, ...]) -> str:
        """The number at a place in a batch, such as observation['board'][3, 4]."""
        return self._path + (f"[{', '.join(map(str, at[1:]))}]" if len(at) > 1 else "")


def _limits(space: Any) -> tuple[Any, Any] | None:
    """The least and the greatest numbers of a space; None where its dtype holds no others."""
    if isinstance(space, spaces.Discrete):
        return space.start, space.start + space.n - 1
    if isinstance(space, spaces.MultiDiscrete):
        return space.start, space.start + space.nvec - 1
    if isinstance(space, spaces.MultiBinary):
        return 0, 1
    if space.dtype.kind == "b":
        return None
    holds = np.finfo(space.dtype) if space.dtype.kind == "f" else np.iinfo(space.dtype)
    if (space.low <= holds.min).all() and (space.high >= holds.max).all():
        return None
    # Infinities are refused along with what lies outside.
    return np.maximum(space.low, holds.min), np.minimum(space.high, holds.max)


def shortened(value: Any) -> str:
    """A value as text; of a long one, what it is."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape} of {value.dtype}"
    text = repr(value)
    return text if len(text) <= 80 else f"a {type(value).__name__}"
