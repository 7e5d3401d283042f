"""Observations as keys of a table: which can be, what they become, and how they are written as JSON."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from csai_core.errors import ConfigError


def has_discrete_values(space: spaces.Space[Any]) -> bool:
    """Whether every value in a space is made of whole numbers from small ranges."""
    if isinstance(space, spaces.Dict):
        return all(has_discrete_values(each) for each in space.spaces.values())
    if isinstance(space, spaces.Tuple):
        return all(has_discrete_values(each) for each in space.spaces)
    return isinstance(space, (spaces.Discrete, spaces.MultiDiscrete, spaces.MultiBinary))


def require_discrete_values(observation_space: spaces.Space[Any]) -> None:
    """Refuse observations that a table cannot have a row for each of.

    Raises:
        ConfigError: if they are others.
    """
    if not has_discrete_values(observation_space):
        raise ConfigError(
            "q_learning keeps a table with a row for each state, so it needs discrete observations, but "
            f"this environment has {observation_space}. Choose another attribute (--attributes), or "
            "--algorithm deep_q_learning."
        )


def state_key(state: Any) -> Hashable:
    """An observation as something that can be looked up: ints and tuples of ints."""
    if isinstance(state, np.ndarray):
        values = state.tolist()
        return tuple(state.ravel().tolist()) if isinstance(values, list) else values
    if isinstance(state, np.generic):
        return state.item()  # type: ignore[no-any-return]
    if isinstance(state, Mapping):
        return tuple((name, state_key(state[name])) for name in sorted(state))
    if isinstance(state, (list, tuple)):
        return tuple(state_key(item) for item in state)
    return state  # type: ignore[no-any-return]


def to_json(key: Any) -> Any:
    """A state or action as JSON: tuples become lists, which no state key is."""
    if isinstance(key, tuple):
        return [to_json(item) for item in key]
    return key.item() if isinstance(key, np.generic) else key


def from_json(key: Any) -> Hashable:
    """A state or action from what `to_json` made of it."""
    return tuple(from_json(item) for item in key) if isinstance(key, list) else key
