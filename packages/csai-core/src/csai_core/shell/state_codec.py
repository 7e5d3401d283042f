"""What a shell holds as JSON and arrays: the codec of trees, and what a game's state has beyond trees.

A game keeps objects of its own package's classes, generators and bytes; two of its variables may hold the
same list, and a list may hold itself. The kinds that are added: {"object": [class, content]},
{"generator": …}, {"scalar": …}, {"bytes": …}, {"bytearray": …}, and {"same": n}, the n-th thing that was met,
counted from the shell, which is 0; plain values are not counted.
"""

from __future__ import annotations

import enum
import sys
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from csai_core.errors import ContractError
from csai_core.tree_codec import Arrays, Decoder, Encoder, Json

_PLAIN = (bool, int, float, str, type(None))
_CONTAINERS = (list, tuple, set, frozenset, deque, dict)
_NOT_COUNTED = ("same", "float")


class StateEncoder(Encoder):
    """Takes the state of a shell apart.

    Args:
        shell: whose state it is; objects of the classes of its package may be part of it.
    """

    def __init__(self, shell: Any) -> None:
        super().__init__()
        self._shell = shell
        self._met = [shell]  # what was met stays alive, so that no other thing can have its id
        self._numbers = {id(shell): 0}

    def encode_special(self, value: Any, path: str) -> Json | None:
        """JSON for whatever is neither plain nor, at its first meeting, a container of Python's own."""
        if type(value) in _PLAIN:
            return None
        if id(value) in self._numbers:
            return {"same": self._numbers[id(value)]}
        self._numbers[id(value)] = len(self._met)
        self._met.append(value)
        return None if type(value) in _CONTAINERS else self._take_apart(value, path)

    def _take_apart(self, value: Any, path: str) -> Json:
        if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "biufc":
            kind = "array" if isinstance(value, np.ndarray) else "scalar"
            return {kind: self.keep_array(np.array(value), path)}
        if isinstance(value, (bytes, bytearray)):
            return {type(value).__name__: self.keep_array(np.frombuffer(value, np.uint8).copy(), path)}
        if isinstance(value, np.random.Generator):
            return {"generator": self.encode(dict(value.bit_generator.state), path)}
        return {"object": self._take_object_apart(value, path)}

    def _take_object_apart(self, value: Any, path: str) -> Json:
        found = type(value)
        where = f"{found.__module__}:{found.__qualname__}"
        if not _is_own(self._shell, found.__module__) or "<" in where:
            raise ContractError(
                f"{type(self._shell).__name__} keeps part of its state in self.{path}, {_described(value)}, "
                "which cannot be saved. Keep numbers, texts, arrays of numbers (of a structured one, an "
                "array for each field), lists, dicts, sets, deques, or objects of classes of your own "
                "package; name what is no part of the state in the class variable not_state; or write "
                "state_dict and load_state_dict yourself."
            )
        if isinstance(value, enum.Enum):
            return [where, self.encode(value.value, f"{path}/value")]
        if isinstance(value, tuple):
            return [where, [self.encode(each, f"{path}/{i}") for i, each in enumerate(value)]]
        fields = _fields(value).items()
        return [where, {name: self.encode(each, f"{path}/{name}") for name, each in fields}]


class StateDecoder(Decoder):
    """Puts a state together, in the order in which it was taken apart, so that the numbers agree.

    Args:
        shell: who shall have the state.
        arrays: the arrays of the state; they are copied.
    """

    def __init__(self, shell: Any, arrays: Arrays) -> None:
        super().__init__(arrays, what=f"A saved state of {type(shell).__name__}")
        self._shell = shell
        self._met: list[Any] = [shell]

    def special_kinds(self) -> dict[str, Callable[[Json], Any]]:
        """The kinds that `StateEncoder` adds, and arrays that share no memory with the state."""
        return {
            "same": lambda number: self._met[number],
            "array": lambda name: np.array(self.arrays[name]),
            "scalar": lambda name: np.asarray(self.arrays[name])[()],
            "bytes": lambda name: np.asarray(self.arrays[name]).tobytes(),
            "bytearray": lambda name: bytearray(np.asarray(self.arrays[name]).tobytes()),
            "generator": self._make_generator,
            "object": self._make_object,
        }

    def _decode(self, json: Json) -> Any:
        if not isinstance(json, (list, dict)) or any(kind in json for kind in _NOT_COUNTED):
            return super()._decode(json)
        number = len(self._met)
        self._met.append(None)
        self._met[number] = self._fill(number, json)
        return self._met[number]

    def _fill(self, number: int, json: Json) -> Any:
        """What may hold itself is noted before it is filled."""
        kind, content = ("list", json) if isinstance(json, list) else _only_item(json)
        if kind not in ("dict", "list", "set", "deque"):
            return super()._decode(json)
        made: Any = (
            deque(maxlen=content[0]) if kind == "deque" else {"dict": {}, "list": [], "set": set()}[kind]
        )
        self._met[number] = made
        if kind == "dict":
            made.update(self._decode_items(content))
        elif kind == "set":
            made.update(self._decode_list(content))
        else:
            made.extend(self._decode_list(content[1] if kind == "deque" else content))
        return made

    def _make_object(self, content: Json) -> Any:
        number = len(self._met) - 1
        where, parts = content
        found = self._find_class(where)
        if issubclass(found, enum.Enum):
            return found(self._decode(parts))
        if issubclass(found, tuple):
            return tuple.__new__(found, self._decode_list(parts))
        made = self._met[number] = object.__new__(found)
        for name, value in parts.items():
            object.__setattr__(made, name, self._decode(value))  # also where the class is frozen
        return made

    def _find_class(self, where: str) -> type:
        module, _, path = where.partition(":")
        found: Any = sys.modules.get(module) if _is_own(self._shell, module) else None
        for name in path.split("."):
            found = getattr(found, name, None)
        if not isinstance(found, type):
            raise ValueError(
                f"it holds a {where}, and its package has no such class, as if another environment or "
                "version had saved it"
            )
        return found

    def _make_generator(self, content: Json) -> np.random.Generator:
        state = self._decode(content)
        bit_generator = getattr(np.random, state["bit_generator"])()
        bit_generator.state = state
        return np.random.Generator(bit_generator)


def _only_item(json: dict[str, Json]) -> tuple[str, Json]:
    ((kind, content),) = json.items()
    return kind, content


def _described(value: Any) -> str:
    if isinstance(value, (np.ndarray, np.generic)):
        return "a structured array" if value.dtype.names else f"an array of {value.dtype}"
    return f"a {type(value).__name__}"


def _is_own(shell: Any, module: str) -> bool:
    """Whether a module belongs to the package of the shell's class or of one it is derived from."""
    own = {each.__module__.partition(".")[0] for each in type(shell).__mro__}
    return module.partition(".")[0] in own - {"builtins", "typing", "gymnasium"}


def _fields(value: Any) -> dict[str, Any]:
    """The instance variables of an object, those in slots too."""
    slots = [name for each in type(value).__mro__ for name in getattr(each, "__slots__", ())]
    named = {name: getattr(value, name) for name in slots if hasattr(value, name)}
    return {**named, **getattr(value, "__dict__", {})}
