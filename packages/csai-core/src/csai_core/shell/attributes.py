"""Attributes: the named, typed quantities that an environment shows (observations) and takes (actions)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from gymnasium.spaces import Box, Discrete, MultiBinary, MultiDiscrete
from numpy.typing import ArrayLike

from csai_core.errors import ContractError, SpaceError
from csai_core.shell.casting import SpaceType, cast_to_space, first_value

BoxType = Box
DiscreteType = Discrete
MultiDiscreteType = MultiDiscrete
MultiBinaryType = MultiBinary


class Attribute:
    """A named value that always lies in its space.

    Args:
        name: how the environment and its users call it.
        space: the values it may take.
        update_func: reads the present value from the environment. It is called when somebody looks at
            the attribute, so a quantity nobody looks at costs nothing.
        cached: whether a value that was read is kept until `Shell` says that the world has changed, as it
            does after each step. False calls `update_func` at every look, so that changes made by hand
            between two steps are seen at once.

    Raises:
        ContractError: if the name is not a str, or the space is not one of the four of `SpaceType`.
    """

    _kind = "attribute"

    def __init__(
        self,
        name: str,
        space: SpaceType,
        update_func: Callable[[], Any] | None = None,
        *,
        cached: bool = True,
    ) -> None:
        if not isinstance(name, str) or not name:
            raise ContractError(
                f"An attribute was given the name {name!r}; it must be a text such as 'board'."
            )
        if not isinstance(space, (Box, Discrete, MultiDiscrete, MultiBinary)):
            raise ContractError(
                f"Attribute {name!r} was given the space {space!r}; "
                "it must be a BoxType, DiscreteType, MultiDiscreteType or MultiBinaryType."
            )
        self.name = name
        self.space = space
        self.update_func = update_func
        self.cached = cached
        self.owner = ""
        """The class of the environment it is registered with, for errors."""
        self.is_stale = update_func is not None
        self._data: Any = first_value(space)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r}, {self.space})"

    def _repr_html_(self) -> str:
        from csai_core.shell.card import attribute_card

        return attribute_card(self)

    @property
    def data(self) -> Any:
        """The present value: an int for a Discrete space, an array of the space's shape for others.

        Raises:
            SpaceError: if `update_func` gave a value outside the space.
        """
        if self.is_stale and self.update_func is not None:
            self.update(self._read(self.update_func))
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
        self._data = self.cast(data)
        self.is_stale = not self.cached

    def cast(self, data: Any) -> Any:
        """A value as the space holds it: an int for a Discrete space, else a new array of its dtype.

        Raises:
            SpaceError: if the value has another shape, another kind of number or lies out of bounds.
        """
        return cast_to_space(data, self.space, f"The {self._kind} {self._full_name()}")

    def copy_data(self) -> Any:
        """The present value as an object of its own, which no later change touches."""
        return _copy(self.data)

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

    def _read(self, update_func: Callable[[], Any]) -> Any:
        try:
            return update_func()
        except Exception as error:
            error.add_note(f"This happened while the attribute {self._full_name()} was read.")
            raise

    def _full_name(self) -> str:
        return f"{self.name!r} of {self.owner}" if self.owner else repr(self.name)


class ObsAttribute(Attribute):
    """An attribute that agents can observe."""


class ActionAttribute(Attribute):
    """An attribute that agents set by acting; its data is the last action taken."""

    _kind = "action"

    def take(self, action: Any) -> Any:
        """Note an action, and return it as the space holds it, as an object of its own.

        Raises:
            SpaceError: if it does not lie in the space.
        """
        self.update(action)
        return _copy(self._data)


def _copy(data: Any) -> Any:
    return data.copy() if isinstance(data, np.ndarray) else data


def _sample_from(space: Any, distribution: ArrayLike) -> Any:
    if isinstance(space, Box):
        values = np.asarray(distribution, dtype=space.dtype).ravel()
        return np.clip(space.np_random.choice(values, size=space.shape), space.low, space.high)
    if isinstance(space, MultiDiscrete):
        rows = tuple(np.asarray(row, dtype=np.float64) for row in distribution)  # type: ignore[union-attr]
        return space.sample(probability=rows)  # type: ignore[arg-type]
    return space.sample(probability=np.asarray(distribution, dtype=np.float64))
