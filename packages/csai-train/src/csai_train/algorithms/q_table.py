"""Tables of values: which observations can be keys, what they become, and how a table is kept in a file."""

from __future__ import annotations

import json
import math
from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from gymnasium import spaces

from csai_core import storage
from csai_core.decoding import decoding, parse_json, read_bytes
from csai_core.errors import ConfigError
from csai_core.tree_codec import Encoder, decode

FILE_FORMAT = "csai q-table 2"
_LARGEST_FILE = 2**31
"""Bytes."""
Table = Mapping[Hashable, Mapping[Any, float]]
"""state -> action -> value."""


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


def is_key_of(key: Hashable, space: spaces.Space[Any]) -> bool:
    """Whether a key is that of an observation in a space of discrete values."""
    if isinstance(space, spaces.Dict):
        parts = dict(key) if isinstance(key, tuple) and all(isinstance(each, tuple) for each in key) else {}
        return parts.keys() == space.spaces.keys() and all(
            is_key_of(parts[name], each) for name, each in space.spaces.items()
        )
    if isinstance(space, spaces.Tuple):
        if not isinstance(key, tuple) or len(key) != len(space.spaces):
            return False
        return all(is_key_of(part, each) for part, each in zip(key, space.spaces, strict=True))
    if isinstance(space, spaces.Discrete):
        return isinstance(key, int) and key in range(int(space.start), int(space.start + space.n))
    if not isinstance(key, tuple) or not all(isinstance(each, int) for each in key):
        return False
    shape = space.shape or ()
    return len(key) == math.prod(shape) and space.contains(np.array(key, space.dtype).reshape(shape))


def write_table(path: Path, actions: Sequence[Any], table: Table) -> None:
    """Write a table as JSON: one row for each state, one number for each action."""
    rows = [[_encode(key), [row[a] for a in actions]] for key, row in table.items()]
    document = {"format": FILE_FORMAT, "actions": _encode(list(actions)), "rows": rows}
    storage.write(path, json.dumps(document))


def read_table(path: Path, actions: Sequence[Any]) -> dict[Hashable, dict[Any, float]]:
    """Read a table that `write_table` wrote.

    Raises:
        FileNotFoundError: if there is no such file.
        ConfigError: if it is not a Q-table, or one for other actions.
    """
    with decoding(f"{path}, a Q-table,", ConfigError, "It is not a Q-table that csai wrote, or was damaged."):
        document = parse_json(read_bytes(path, at_most=_LARGEST_FILE))
        if document["format"] != FILE_FORMAT:
            raise ValueError(f"its format is {document['format']!r}, not {FILE_FORMAT!r}")
        table = {decode(key): row_of(actions, row) for key, row in document["rows"]}
        own_actions = document["actions"]
    if own_actions != _encode(list(actions)):
        raise ConfigError(f"{path} is for the actions {own_actions}, not for {actions}.")
    return table


def row_of(actions: Sequence[Any], values: Sequence[float]) -> dict[Any, float]:
    """The values of the actions in one state.

    Raises:
        ValueError: if there are more or fewer than actions, or one is no finite number.
    """
    row = dict(zip(actions, values, strict=True))
    if not all(isinstance(value, (int, float)) and np.isfinite(value) for value in values):
        raise ValueError(f"a row holds {values}, which are not all finite numbers")
    return row


def _encode(value: Any) -> Any:
    """A state or the actions as JSON."""
    return Encoder(with_arrays=False).encode(value)
