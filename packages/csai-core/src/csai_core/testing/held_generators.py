"""Generators of random numbers that an object holds, wherever they stand in it."""

from __future__ import annotations

import random
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import gymnasium
import numpy as np

_DEEPEST = 4
"""So many objects and containers within each other are looked into."""
_NOT_ITS_OWN = (gymnasium.Env, gymnasium.Space, types.ModuleType, type)
SEEDED_ONLY_IF_GIVEN = (
    "Make a new generator only where a seed is given (if seed is not None; 0 is a seed too), or draw from "
    "self.np_random."
)
"""What to do where `set_back` finds something."""
_CONTAINERS = (list, tuple, set, frozenset, deque)


def held_generators(holder: object) -> dict[str, str]:
    """The states of the generators among an object's variables, those of environments left out, by place."""
    env = getattr(holder, "env", None)
    theirs = vars(env.unwrapped).values() if isinstance(env, gymnasium.Env) else ()
    return {
        path: _state(generator)
        for path, generator in _within(vars(holder), "self", 0)
        if all(generator is not each for each in theirs)
    }


def set_back(after: Callable[[int | None], dict[str, str]], seed: int) -> list[str]:
    """The generators that resets without a seed set to one place, and resets with one to others.

    Args:
        after: resets with a seed, or with None, and gives the states of generators.
        seed: of a reset; the next one is tried too.
    """
    seeded, unseeded, otherwise, again = (after(each) for each in (seed, None, seed + 1, None))
    return [
        path
        for path, state in seeded.items()
        if state != otherwise.get(path) and path in again and unseeded.get(path) == again[path]
    ]


def _within(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(value, (np.random.Generator, np.random.RandomState, random.Random)):
        yield path, value
    elif depth < _DEEPEST and not isinstance(value, _NOT_ITS_OWN):
        for name, part in _parts(value):
            yield from _within(part, f"{path}{name}", depth + 1)


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        is_object = all(isinstance(key, str) and key.isidentifier() for key in value)
        yield from ((f".{key}" if is_object else f"[{key!r}]", each) for key, each in value.items())
    elif isinstance(value, _CONTAINERS):
        yield from ((f"[{index}]", each) for index, each in enumerate(value))
    elif isinstance(value, types.FunctionType):
        cells = zip(value.__code__.co_freevars, value.__closure__ or (), strict=True)
        yield from ((f" ({name})", cell.cell_contents) for name, cell in cells)
    elif callable(value) and hasattr(value, "__self__"):
        yield "", value.__self__
    else:
        yield from ((f".{name}", each) for name, each in getattr(value, "__dict__", {}).items())


def _state(generator: Any) -> str:
    if isinstance(generator, np.random.Generator):
        return repr(generator.bit_generator.state)
    return repr(generator.getstate() if isinstance(generator, random.Random) else generator.get_state())
