"""What a wrapper remembers, so that a run can save it and give it back to a new one.

A wrapper that has `state_dict` and `load_state_dict` says so itself. Of any other, its variables are what it
remembers: numbers, texts, arrays, generators, running means, and lists, dicts and sets of such.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Mapping
from typing import Any

import gymnasium
import numpy as np
from gymnasium.wrappers.utils import RunningMeanStd

Wrapper = gymnasium.Wrapper[Any, Any, Any, Any]
_NOT_REMEMBERED = frozenset({"env", "spec", "_metadata", "_cached_spec", "_saved_kwargs"})
"""What every wrapper holds and no wrapper changes."""
_CONTAINERS = (list, tuple, deque, set, frozenset)


def memory_of(wrapper: Wrapper) -> dict[str, Any]:
    """What a wrapper remembers, as a tree for `tree_codec`; under "unknown", what cannot be saved."""
    name = type(wrapper).__name__
    if says_itself(wrapper):
        return {"wrapper": name, "state": copy.deepcopy(wrapper.state_dict())}  # type: ignore[attr-defined]
    remembered: dict[str, Any] = {}
    unknown: list[str] = []
    for variable, value in vars(wrapper).items():
        if variable in _NOT_REMEMBERED or isinstance(value, gymnasium.Space) or callable(value):
            continue
        if isinstance(value, RunningMeanStd):
            remembered[variable] = [value.mean, value.var, value.count]
        elif isinstance(value, np.random.Generator):
            remembered[variable] = value.bit_generator.state
        elif _is_plain(value):
            remembered[variable] = value
        else:
            unknown.append(variable)
    return {"wrapper": name, "remembered": copy.deepcopy(remembered), "unknown": unknown}


def remind(wrapper: Wrapper, memory: Mapping[str, Any]) -> str:
    """Give a wrapper its memory back.

    Returns:
        Empty, or what of it was lost.

    Raises:
        TypeError: if it remembers something of another kind.
    """
    if "state" in memory:
        wrapper.load_state_dict(memory["state"])  # type: ignore[attr-defined]
        return ""
    for name, value in memory["remembered"].items():
        present = vars(wrapper).get(name)
        if isinstance(present, RunningMeanStd):
            present.mean, present.var, present.count = value
        elif isinstance(present, np.random.Generator):
            present.bit_generator.state = value
        elif isinstance(present, dict) and isinstance(value, dict):
            present.clear()
            present.update(value)  # a Counter stays one
        elif _are_alike(present, value):
            setattr(wrapper, name, value)
        else:
            raise TypeError(f"its wrapper {memory['wrapper']} has a {type(value).__name__} for its {name}")
    lost = keeps(memory)
    return f"its wrapper {memory['wrapper']} {lost}" if lost else ""


def keeps(memory: Mapping[str, Any]) -> str:
    """What a memory lacks, in words that follow the wrapper's name; empty if it is whole."""
    names = ", ".join(memory.get("unknown", ()))
    return f"keeps {names}, which cannot be saved" if names else ""


def says_itself(wrapper: Wrapper) -> bool:
    """Whether a wrapper saves and loads what it remembers."""
    return hasattr(wrapper, "state_dict") and hasattr(wrapper, "load_state_dict")


def _are_alike(present: Any, value: Any) -> bool:
    """Whether a wrapper may have changed one into the other."""
    if present is None or value is None:
        return True
    numbers = (int, float, np.generic)
    if isinstance(present, bool) or isinstance(value, bool) or not isinstance(present, numbers):
        return type(value) is type(present)
    return isinstance(value, numbers)


def _is_plain(value: Any) -> bool:
    if isinstance(value, dict):
        return all(map(_is_plain, [*value, *value.values()]))
    if type(value) in _CONTAINERS:
        return all(map(_is_plain, value))
    if isinstance(value, np.ndarray):
        return value.dtype.kind in "biuf"
    return value is None or isinstance(value, (bool, int, float, str, np.generic))
