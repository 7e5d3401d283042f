"""Saving and restoring the whole state of a Shell as plain values and arrays."""

from __future__ import annotations

import copy
from collections import deque
from typing import Any

import numpy as np

from csai_core.errors import ContractError

_PLAIN = (bool, int, float, str, bytes, type(None), np.ndarray, np.generic)


def take(shell: Any, framework: frozenset[str]) -> dict[str, Any]:
    """Everything that decides how a shell goes on: its variables, attribute data and generator.

    Args:
        shell: the environment.
        framework: names of instance variables that are not part of the game's state.

    Raises:
        ContractError: if a variable cannot be saved, naming it and the way out.
    """
    variables = {}
    for name, value in vars(shell).items():
        if name in framework:
            continue
        if not _is_plain(value):
            raise ContractError(
                f"{type(shell).__name__} keeps its state in self.{name}, a {type(value).__name__}, "
                "which cannot be saved as it is. Keep numbers, strings, arrays, lists, dicts, sets "
                "and deques of them, or write state_dict and load_state_dict yourself."
            )
        variables[name] = copy.deepcopy(value)
    data = {
        name: attribute.copy_data()
        for name, attribute in shell._attributes.items()
        if attribute.update_func is None
    }
    return {
        "variables": variables,
        "attributes": data,
        "generator": copy.deepcopy(shell.np_random.bit_generator.state),
    }


def restore(shell: Any, state: dict[str, Any]) -> None:
    """Put a shell back into a state that `take` returned."""
    for name, value in state["variables"].items():
        setattr(shell, name, copy.deepcopy(value))
    for name, data in state["attributes"].items():
        shell.update_attribute(name, data)
    shell.np_random.bit_generator.state = copy.deepcopy(state["generator"])
    shell.update_env_attributes()


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    if isinstance(value, (list, tuple, set, frozenset, deque)):
        return all(_is_plain(item) for item in value)
    return isinstance(value, _PLAIN)
