"""What an object holds on to: how much can be reached from it, and which rates among that are below 0."""

from __future__ import annotations

import gc
import types
from collections import deque
from typing import Any, NamedTuple

_SHARED = (
    type,
    types.ModuleType,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.CodeType,
    types.MethodType,
)

_RATES = frozenset(
    (
        *("lr", "learning_rate", "rate", "step_size", "alpha", "epsilon", "exploration", "exploration_rate"),
        *("clip", "clip_range", "clip_param", "entropy_coef", "temperature", "noise", "sigma"),
    )
)
"""How authors call what is a share, and never below 0."""


class Held(NamedTuple):
    """What is held on to."""

    objects: int
    """How many, numbers and texts included."""
    bytes: int
    """The memory of the arrays and tensors among them."""


def held_by(root: Any) -> Held:
    """Count what can be reached from an object, and from the lists, dicts and sets of its classes."""
    seen: dict[int, Any] = {}
    waiting = [root, *_class_variables(root)]
    size = 0
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, _SHARED):
            continue
        seen[id(found)] = found
        size += int(found.nbytes) if hasattr(type(found), "nbytes") and hasattr(found, "shape") else 0
        waiting += gc.get_referents(found)
    return Held(len(seen), size)


def below_zero(root: Any) -> dict[str, float]:
    """Learning rates, chances and the like below 0 that an object holds, by what they are called."""
    found: dict[str, float] = {}
    seen: set[int] = set()
    waiting = [root]
    while waiting:
        each = waiting.pop()
        if id(each) in seen or isinstance(each, _SHARED):
            continue
        seen.add(id(each))
        names = each if isinstance(each, dict) else getattr(each, "__dict__", {})
        for name, value in names.items():
            if (
                isinstance(name, str)
                and name.lstrip("_") in _RATES
                and isinstance(value, (int, float))
                and value < 0
            ):
                found[name] = float(value)
        waiting += [*names.values(), *(each if isinstance(each, (list, tuple, set, deque)) else ())]
    return found


def _class_variables(root: Any) -> list[Any]:
    values = [value for each in type(root).__mro__ for value in vars(each).values()]
    return [value for value in values if isinstance(value, (list, dict, set))]
