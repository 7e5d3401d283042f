"""Attributes: the named, typed quantities that an environment shows (observations) and takes (actions)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete
from numpy.typing import ArrayLike

from csai_core.errors import ContractError, SpaceError

BoxType = Box
DiscreteType = Discrete
MultiDiscreteType = MultiDiscrete
MultiBinaryType = MultiBinary
SpaceType: TypeAlias = Box | Discrete[Any] | MultiDiscrete[Any] | MultiBinary
"""The spaces an attribute may have; each is Gymnasium's own class."""


class Attribute:
    """A named value that always lies in its space.

    Args:
        name: how the environment and its users call it.
        space: the values it may take.
        update_func: reads the present value from the environment. It is called when somebody looks at
            the attribute for the first time after a change, so a quantity nobody looks at costs nothing.

    Raises:
        ContractError: if the space is not one of the four of `SpaceType`.
    """

    def __init__(self, name: str, space: SpaceType, update_func: Callable[[], Any] | None = None) -> None:
        if not isinstance(space, (Box, Discrete, MultiDiscrete, MultiBinary)):
            raise ContractError(
                f"Attribute {name!r} was given the space {space!r}; "
                "it must be a BoxType, DiscreteType, MultiDiscreteType or MultiBinaryType."
            )
        self.name = name
        self.space = space
        self.update_func = update_func
        self.is_stale = update_func is not None
        self._data: Any = _first_value(space)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.space})"

    @property
    def data(self) -> Any:
        """The present value: an int for a Discrete space, an array of the space's shape for others."""
        if self.is_stale and self.update_func is not None:
            self.update(self.update_func())
        return self._data

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the data; `()` for a Discrete space."""
        return self._get_shape()

    def _get_shape(self) -> tuple[int, ...]:
        return tuple(self.space.shape or ())

    def update(self, data: Any) -> None:
        """Take a new value, cast to the space's dtype.

        Raises:
            SpaceError: if the value has another shape, another kind of number or lies out of bounds.
        """
        self._data = cast_to_space(data, self.space, f"attribute {self.name!r}")
        self.is_stale = False

    def copy_data(self) -> Any:
        """The present value as an object of its own, which no later change touches."""
        data = self.data
        return data.copy() if isinstance(data, np.ndarray) else data

    def sample(self, distribution: ArrayLike | None = None) -> Any:
        """Draw a random value; use `attribute.space.seed(…)` to make the draws repeatable.

        Args:
            distribution: what to draw from. For Discrete and MultiBinary spaces, probabilities, one per
                value or bit. For MultiDiscrete, one row of probabilities per component. For Box, an
                array of values, from which each element of the result is picked with equal chances.
                None draws as the space itself does: uniformly where bounded, normally where not.

        Returns:
            A value in the space.

        Raises:
            SpaceError: if the distribution does not fit the space.
        """
        if distribution is None:
            return self.space.sample()
        try:
            return _sample_from(self.space, distribution)
        except (ValueError, AssertionError, TypeError, IndexError) as error:
            raise SpaceError(
                f"Cannot draw {self.name!r} ({self.space}) from the distribution {distribution!r}: {error}"
            ) from error


class ObsAttribute(Attribute):
    """An attribute that agents can observe."""


class ActionAttribute(Attribute):
    """An attribute that agents set by acting; its data is the last action taken."""


def cast_to_space(value: Any, space: SpaceType, what: str) -> Any:
    """Return `value` as the space stores it: an int for Discrete, else a new array of its dtype.

    Args:
        value: a number, sequence or array.
        space: where it must lie.
        what: how to call the value in an error.

    Raises:
        SpaceError: naming `what`, the space and the value or the element that is off.
    """
    if isinstance(space, Discrete):
        return _cast_discrete(value, space, what)
    try:
        array = np.asarray(value)
        if array.shape != space.shape:
            raise SpaceError(
                f"The {what} must have shape {space.shape} as in {space}, but was given shape {array.shape}."
            )
        if not np.can_cast(array.dtype, space.dtype, "same_kind") and not _fits_exactly(array, space.dtype):
            raise SpaceError(
                f"The {what} must hold {space.dtype} values as in {space}, "
                f"but was given {array.dtype}: {value!r}."
            )
    except (ValueError, TypeError) as error:
        if isinstance(error, SpaceError):
            raise
        raise SpaceError(f"The {what} must lie in {space}, but was given {value!r}.") from error
    _check_bounds(array, space, what)
    return array.astype(space.dtype)


def _cast_discrete(value: Any, space: Discrete[Any], what: str) -> int:
    scalar = value.item() if isinstance(value, (np.ndarray, np.generic)) and value.size == 1 else value
    start, stop = int(space.start), int(space.start + space.n)
    if isinstance(scalar, bool) or not isinstance(scalar, int) or not start <= scalar < stop:
        raise SpaceError(
            f"The {what} must be a whole number from {start} to {stop - 1}, but was given {value!r}."
        )
    return int(scalar)


def _fits_exactly(array: np.ndarray[Any, Any], dtype: Any) -> bool:
    """Whether every element survives the cast, as the ints 0 and 1 do into int8 or uint8."""
    if not (np.issubdtype(array.dtype, np.integer) or array.dtype == bool):
        return False
    return bool(np.array_equal(array.astype(dtype), array))


def _check_bounds(array: np.ndarray[Any, Any], space: Any, what: str) -> None:
    if isinstance(space, Box):
        low, high = space.low, space.high
    elif isinstance(space, MultiBinary):
        low, high = np.zeros(space.shape), np.ones(space.shape)
    else:
        low, high = space.start, space.start + space.nvec - 1
    inside = (array >= low) & (array <= high)
    if not inside.all():
        index = tuple(int(i) for i in np.argwhere(~inside)[0])
        raise SpaceError(
            f"The {what} lies outside {space}: element {index} is {array[index]}, "
            f"but must be from {low[index]} to {high[index]}."
        )


def _first_value(space: SpaceType) -> Any:
    """The value an attribute has before anything is known: zero, or the nearest to it in the space."""
    if isinstance(space, Discrete):
        return int(space.start)
    if isinstance(space, Box):
        return np.clip(np.zeros(space.shape, space.dtype), space.low, space.high)
    if isinstance(space, MultiDiscrete):
        return space.start.astype(space.dtype)
    return np.zeros(space.shape, space.dtype)


def _sample_from(space: Any, distribution: ArrayLike) -> Any:
    if isinstance(space, Box):
        values = np.asarray(distribution, dtype=space.dtype).ravel()
        return np.clip(space.np_random.choice(values, size=space.shape), space.low, space.high)
    if isinstance(space, MultiDiscrete):
        rows = tuple(np.asarray(row, dtype=np.float64) for row in distribution)  # type: ignore[union-attr]
        return space.sample(probability=rows)  # type: ignore[arg-type]
    return space.sample(probability=np.asarray(distribution, dtype=np.float64))
