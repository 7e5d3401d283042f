"""Casting values to the form in which a space holds them, with errors that name the element that is off."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete

from csai_core.errors import SpaceError

SpaceType: TypeAlias = Box | Discrete[Any] | MultiDiscrete[Any] | MultiBinary
"""The spaces an attribute may have; each is Gymnasium's own class."""


def cast_to_space(value: Any, space: SpaceType, what: str) -> Any:
    """Return `value` as the space holds it: an int for Discrete, else a new array of its dtype.

    Args:
        value: a number, sequence or array.
        space: where it must lie.
        what: how to call the value in an error.

    Raises:
        SpaceError: naming `what`, the space and the value or the element that is off.
    """
    if isinstance(space, Discrete):
        return _cast_discrete(value, space, what)
    cast = cast_array(value, space, what)
    _check_bounds(cast, space, what)
    return cast


def cast_array(value: Any, space: SpaceType, what: str) -> np.ndarray[Any, Any]:
    """Return `value` as an array of the space's shape and dtype, wherever its numbers lie.

    What would change an integer or drop a fraction is refused.

    Args:
        value: a number, sequence or array.
        space: whose form it must have.
        what: how to call the value in an error.

    Raises:
        SpaceError: naming `what`, the space and the value.
    """
    try:
        given = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:
        raise SpaceError(f"{what} must be an array as in {space}, but was given {value!r}.") from error
    if given.shape != space.shape:
        raise SpaceError(f"{what} must have shape {space.shape} as in {space}, but was given {_form(given)}.")
    return _cast_array(given, space, what)


def first_value(space: SpaceType) -> Any:
    """The value an attribute has before anything is known: zero, or the nearest to it in the space."""
    if isinstance(space, Discrete):
        return int(space.start)
    if isinstance(space, Box):
        return np.asarray(np.clip(np.zeros(space.shape, space.dtype), space.low, space.high))
    if isinstance(space, MultiDiscrete):
        return space.start.astype(space.dtype)
    return np.zeros(space.shape, space.dtype)


def _cast_discrete(value: Any, space: Discrete[Any], what: str) -> int:
    scalar = value.item() if isinstance(value, (np.ndarray, np.generic)) and value.size == 1 else value
    start, stop = int(space.start), int(space.start + space.n)
    if isinstance(scalar, bool) or not isinstance(scalar, int) or not start <= scalar < stop:
        raise SpaceError(f"{what} must be an integer from {start} to {stop - 1}, but was given {value!r}.")
    return int(scalar)


def _cast_array(given: np.ndarray[Any, Any], space: Any, what: str) -> np.ndarray[Any, Any]:
    """Cast to the space's dtype, refusing what would change an integer or drop a fraction."""
    if given.dtype.kind not in "biuf" or (given.dtype.kind == "f" and space.dtype.kind != "f"):
        raise SpaceError(
            f"{what} must hold {space.dtype} values as in {space}, but was given {_form(given)}."
        )
    with np.errstate(over="ignore"):  # what overflows becomes infinite and is found out of bounds
        cast: np.ndarray[Any, Any] = given.astype(space.dtype)
    if space.dtype.kind != "f" and given.dtype != space.dtype and not np.array_equal(cast, given):
        raise SpaceError(
            f"{what} was given a value that {space.dtype}, the dtype of {space}, cannot hold: "
            f"they go from {given.min()} to {given.max()}."
        )
    return cast


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
            f"{what} lies outside {space}: element {index} is {array[index]}, but must be from "
            f"{low[index]} to {high[index]}. Mend the value, or declare wider bounds."
        )


def _form(array: np.ndarray[Any, Any]) -> str:
    return f"shape {array.shape} of {array.dtype}: {np.array2string(array, threshold=8)}"
