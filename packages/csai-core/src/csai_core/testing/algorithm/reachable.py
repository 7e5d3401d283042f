"""What an object holds on to: how much can be reached from it, and which rates among that are below 0."""

from __future__ import annotations

import gc
import itertools
import types
from collections import deque
from collections.abc import Iterator
from typing import Any, NamedTuple

from csai_core.testing.suite import fail

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


GROWTH_ROUNDS, GROWTH_STEPS = 5, 150
"""After so many steps it is looked at what something holds, so many times."""


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
        if not (isinstance(found, deque) and found.maxlen is not None):  # its length is limited
            waiting += gc.get_referents(found)
    return Held(len(seen), size)


def check_no_growth(root: Any, rounds: Iterator[Any]) -> None:
    """Refuse an object that holds on to more with every step.

    Args:
        root: the object.
        rounds: each plays `GROWTH_STEPS` steps with it.

    Raises:
        ConformanceError: saying how much more.
    """
    sizes = [held_by(root).objects for _ in itertools.islice(rounds, GROWTH_ROUNDS)]
    growth = [later - earlier for earlier, later in itertools.pairwise(sizes)]
    if growth and min(growth) >= GROWTH_STEPS:
        fail(
            f"It holds on to {min(growth) / GROWTH_STEPS:.1f} more objects with every step that it plays, "
            "and never lets go of any, so that memory runs out. Keep a collections.deque(maxlen=…)."
        )


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
