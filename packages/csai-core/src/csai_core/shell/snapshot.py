"""Saving the whole state of a shell as plain values and arrays, and returning to it.

A saved state holds None, bool, int, float, str, lists, dicts with str keys and arrays, and nothing else,
so that any format can store it without pickle. What a shell keeps in other containers, or in objects
of its own package's classes, is taken apart into such values and put together again. Two variables that
hold the same object hold the same one again afterwards.
"""

from __future__ import annotations

import enum
import sys
from collections import deque
from typing import Any

import numpy as np
from gymnasium import Space

from csai_core.agents import Agent
from csai_core.errors import ContractError
from csai_core.shell.copying import is_made_by_init

_PLAIN = (bool, int, float, str, type(None))
_SEQUENCES: dict[str, type] = {"list": list, "tuple": tuple, "set": set, "frozenset": frozenset}


NOT_STATE = frozenset(
    {
        *("target_fps", "is_user_control", "resolution", "environment_name", "verbose", "console_only"),
        *("render_mode", "metadata", "agent", "next_d_t", "spec", "_np_random", "_np_random_seed"),
        *("_attributes", "is_episode_over", "has_stepped", "_is_classic", "_window", "_made_with"),
    }
)
"""Instance variables that Shell and Gymnasium set, and that are not the game's own state."""


def take(shell: Any) -> dict[str, Any]:
    """Everything that decides how a shell goes on.

    Raises:
        ContractError: if a variable cannot be saved, naming it and the way out.
    """
    pack = _Packer(shell)
    return {
        "is_over": shell.is_episode_over,
        "variables": {
            name: pack(value, f"self.{name}")
            for name, value in vars(shell).items()
            if _is_state(shell, name, value)
        },
        "attributes": {each.name: each.copy_data() for each in shell._attributes if each.update_func is None},
        "generator": dict(shell.np_random.bit_generator.state),
        "seed": shell.np_random_seed,
    }


def restore(shell: Any, state: dict[str, Any]) -> None:
    """Put a shell back into a state that `take` returned."""
    unpack = _Unpacker(shell)
    for name, value in state["variables"].items():
        setattr(shell, name, unpack(value))
    for name, data in state["attributes"].items():
        shell.update_attribute(name, data)
    shell.np_random.bit_generator.state = state["generator"]
    shell._np_random_seed = state["seed"]
    shell.is_episode_over = state["is_over"]
    shell.update_env_attributes()


def _is_state(shell: Any, name: str, value: Any) -> bool:
    """Whether an instance variable is part of the world's state, rather than a setting or a tool."""
    if name in NOT_STATE or name in shell.not_state or is_made_by_init(value):
        return False
    replaces_a_method = callable(getattr(type(shell), name, None))
    return not (replaces_a_method or isinstance(value, (Agent, Space)))


class _Packer:
    """Takes values apart. Each one that is not plain becomes a dict of its kind and its items."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._numbers = {id(shell): 0}

    def __call__(self, value: Any, path: str) -> Any:
        """The saved form of a value that is found at `path`."""
        if type(value) in _PLAIN:
            return value
        if id(value) in self._numbers:
            return {"kind": "same", "items": self._numbers[id(value)]}
        self._numbers[id(value)] = len(self._numbers)
        kind, items = self._take_apart(value, path)
        return {"kind": kind, "items": items}

    def _take_apart(self, value: Any, path: str) -> tuple[str, Any]:
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufc":
            return ("array" if isinstance(value, np.ndarray) else "scalar"), np.array(value)
        if isinstance(value, (bytes, bytearray)):
            return type(value).__name__, np.frombuffer(value, np.uint8).copy()
        if isinstance(value, np.random.Generator):
            return "generator", dict(value.bit_generator.state)
        if type(value) is deque:
            return "deque", [value.maxlen, [self(each, f"{path}[…]") for each in value]]
        if type(value) in _SEQUENCES.values():
            return type(value).__name__, [self(each, f"{path}[…]") for each in value]
        if type(value) is dict:
            pairs = value.items()
            return "dict", [[self(k, f"a key of {path}"), self(v, f"{path}[{k!r}]")] for k, v in pairs]
        return "object", self._take_object_apart(value, path)

    def _take_object_apart(self, value: Any, path: str) -> list[Any]:
        found = type(value)
        where = f"{found.__module__}:{found.__qualname__}"
        if not _is_own(self._shell, found.__module__) or "<" in where:
            raise ContractError(
                f"{type(self._shell).__name__} keeps part of its state in {path}, a {found.__name__}, which "
                "cannot be saved. Keep numbers, texts, arrays, lists, dicts, sets, deques, or objects of "
                "classes of your own package; name what is no part of the state in the class variable "
                "not_state; or write state_dict and load_state_dict yourself."
            )
        if isinstance(value, enum.Enum):
            return [where, self(value.value, f"{path}.value")]
        if isinstance(value, tuple):
            return [where, [self(each, f"{path}[…]") for each in value]]
        return [where, {name: self(each, f"{path}.{name}") for name, each in _fields(value).items()}]


class _Unpacker:
    """Puts together what `_Packer` took apart, in the same order, so that the numbers agree."""

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._made: list[Any] = [shell]

    def __call__(self, saved: Any) -> Any:
        """The value of a saved form."""
        if not isinstance(saved, dict):
            return saved
        kind, items = saved["kind"], saved["items"]
        if kind == "same":
            return self._made[items]
        number = len(self._made)
        self._made.append(None)
        value = self._put_together(kind, items, number)
        self._made[number] = value
        return value

    def _put_together(self, kind: str, items: Any, number: int) -> Any:
        if kind in ("array", "scalar"):
            return np.array(items) if kind == "array" else np.asarray(items)[()]
        if kind in ("bytes", "bytearray"):
            data = np.asarray(items, np.uint8).tobytes()
            return data if kind == "bytes" else bytearray(data)
        if kind == "generator":
            return _make_generator(items)
        if kind == "object":
            return self._make_object(items[0], items[1], number)
        if kind in ("tuple", "frozenset"):
            return _SEQUENCES[kind]([self(each) for each in items])
        # What can hold itself is noted before it is filled.
        empty: Any = (
            deque(maxlen=items[0]) if kind == "deque" else {"list": [], "set": set(), "dict": {}}[kind]
        )
        self._made[number] = empty
        self._fill(empty, items[1] if kind == "deque" else items)
        return empty

    def _fill(self, container: Any, items: list[Any]) -> None:
        if isinstance(container, dict):
            container.update((self(key), self(value)) for key, value in items)
        else:
            add = container.add if isinstance(container, set) else container.append
            for each in items:
                add(self(each))

    def _make_object(self, where: str, content: Any, number: int) -> Any:
        found = self._find_class(where)
        if issubclass(found, enum.Enum):
            return found(self(content))
        if issubclass(found, tuple):
            return tuple.__new__(found, [self(each) for each in content])
        made = self._made[number] = object.__new__(found)
        for name, value in content.items():
            object.__setattr__(made, name, self(value))  # also where the class is frozen
        return made

    def _find_class(self, where: str) -> type:
        module, _, path = where.partition(":")
        found: Any = sys.modules.get(module) if _is_own(self._shell, module) else None
        for name in path.split("."):
            found = getattr(found, name, None)
        if not isinstance(found, type):
            raise ContractError(
                f"A saved state of {type(self._shell).__name__} holds a {where}, and its package has no "
                "such class; was the state saved by another environment or version?"
            )
        return found


def _is_own(shell: Any, module: str) -> bool:
    """Whether a module belongs to the package of the shell's class or of one it is derived from."""
    own = {each.__module__.partition(".")[0] for each in type(shell).__mro__}
    return module.partition(".")[0] in own - {"builtins", "typing", "gymnasium"}


def _fields(value: Any) -> dict[str, Any]:
    """The instance variables of an object, those in slots too."""
    slots = [name for each in type(value).__mro__ for name in getattr(each, "__slots__", ())]
    named = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return {**named, **getattr(value, "__dict__", {})}


def _make_generator(state: dict[str, Any]) -> np.random.Generator:
    bit_generator = getattr(np.random, state["bit_generator"])()
    bit_generator.state = state
    return np.random.Generator(bit_generator)
