"""Trees of values as JSON and named arrays, and back: how checkpoints, networks and recordings hold values.

Numbers, texts, True, False, None and lists stand for themselves. Everything else is an object with one key
that says what it is: {"tuple": […]}, {"dict": {…}}, {"array": name}. Decoding builds values of these kinds
alone, so whatever a file holds, nothing in it is run. A subclass can add kinds of its own.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core.decoding import decoding
from csai_core.errors import CodecError

Json = Any
"""What the module json reads and writes: None, bool, int, float, str, and lists and dicts of them."""
Arrays = Mapping[str, NDArray[Any]]

_SEQUENCES: Mapping[type[Any], str] = {
    list: "list",
    tuple: "tuple",
    set: "set",
    frozenset: "frozenset",
    deque: "deque",
}


def encode(tree: Any) -> tuple[Json, dict[str, NDArray[Any]]]:
    """Take a tree apart.

    Args:
        tree: nested dicts, lists, tuples, sets, frozensets and deques of arrays, tensors, numpy scalars and
            plain values.

    Returns:
        JSON, and the arrays that it refers to, named by their places in the tree: "weights/0".

    Raises:
        CodecError: if something in it is of another kind, naming its place.
    """
    encoder = Encoder()
    return encoder.encode(tree), encoder.arrays


def decode(json: Json, arrays: Arrays | None = None) -> Any:
    """The tree that `encode` was given; tensors come back as arrays, numpy scalars as Python's numbers.

    Raises:
        CodecError: if it is not what `encode` gives.
    """
    return Decoder(arrays).decode(json)


class Encoder:
    """Takes trees apart, and collects the arrays that were found in them.

    Args:
        with_arrays: whether there may be arrays and tensors; False where only the JSON is kept.
    """

    def __init__(self, *, with_arrays: bool = True) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}
        self._with_arrays = with_arrays

    def encode(self, tree: Any, path: str = "") -> Json:
        """JSON for a tree; its arrays are named by `path` and their places below it.

        Raises:
            CodecError: if something in it is of another kind, naming its place.
        """
        try:
            return self._encode(tree, path)
        except RecursionError as error:
            raise CodecError(
                f"{path or 'This'} cannot be saved, as it holds itself or is nested too deeply."
            ) from error

    def encode_special(self, value: Any, path: str) -> Json | None:
        """For subclasses, asked first: an object with one key for a kind of their own; None for others."""
        return None

    def _encode(self, value: Any, path: str) -> Json:
        if (special := self.encode_special(value, path)) is not None:
            return special
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, (float, np.floating)):
            return float(value) if math.isfinite(value) else {"float": str(float(value))}
        if isinstance(value, (np.bool_, np.integer)):
            return value.item()
        if hasattr(value, "detach"):
            value = value.detach().cpu().numpy()
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and self._with_arrays:
            return {"array": self.keep_array(value, path)}
        if isinstance(value, Mapping):
            return {"dict": self._encode_items(value, path)}
        return self._encode_sequence(value, path)

    def _encode_sequence(self, value: Any, path: str) -> Json:
        tag = next((tag for kind, tag in _SEQUENCES.items() if isinstance(value, kind)), None)
        if tag is None:
            kind = f"array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
            raise CodecError(
                f"{path or 'This'} is of the type {kind}, which cannot be saved here; "
                f"{'arrays, tensors, ' if self._with_arrays else ''}numbers and texts can, and dicts, lists, "
                "tuples, sets and deques of them."
            )
        items = [self._encode(item, _join(path, i)) for i, item in enumerate(value)]
        if tag == "list":
            return items
        return {tag: [value.maxlen, items] if tag == "deque" else items}

    def _encode_items(self, value: Mapping[Any, Any], path: str) -> Json:
        """An object where all keys are texts, and otherwise a list of pairs."""
        if all(type(key) is str for key in value):
            return {key: self._encode(each, _join(path, key)) for key, each in value.items()}
        return [
            [self._encode(key, _join(path, "key")), self._encode(each, _join(path, key))]
            for key, each in value.items()
        ]

    def keep_array(self, array: NDArray[Any], path: str) -> str:
        """Add an array, and give the name by which it is found again."""
        name = path if path not in self.arrays else f"{path}#{len(self.arrays)}"
        native = array.dtype.newbyteorder("=")
        self.arrays[name] = np.ascontiguousarray(array, native).reshape(array.shape)
        return name


class Decoder:
    """Puts trees together.

    Args:
        arrays: what the JSON refers to by name.
        what: what is put together, for errors.
    """

    def __init__(self, arrays: Arrays | None = None, *, what: str = "A value") -> None:
        self.arrays = arrays or {}
        self._what = what
        self._kinds: dict[str, Callable[[Any], Any]] = {
            "array": lambda name: self.arrays[name],
            "float": float,
            "dict": self._decode_items,
            "tuple": lambda items: tuple(self._decode_list(items)),
            "set": lambda items: set(self._decode_list(items)),
            "frozenset": lambda items: frozenset(self._decode_list(items)),
            "deque": lambda content: deque(self._decode_list(content[1]), content[0]),
            **self.special_kinds(),
        }

    def decode(self, json: Json) -> Any:
        """The tree that `Encoder.encode` made this of.

        Raises:
            CodecError: if it is something else.
        """
        with decoding(self._what, CodecError, "It is not what csai writes."):
            return self._decode(json)

    def special_kinds(self) -> dict[str, Callable[[Any], Any]]:
        """For subclasses: what makes a value of the content of each kind that their encoder adds."""
        return {}

    def _decode(self, json: Json) -> Any:
        if isinstance(json, list):
            return self._decode_list(json)
        if not isinstance(json, dict):
            return json
        ((tag, content),) = json.items()
        return self._kinds[tag](content)

    def _decode_list(self, items: Json) -> list[Any]:
        if not isinstance(items, list):
            raise TypeError(f"{type(items).__name__} in the place of a list")
        return [self._decode(item) for item in items]

    def _decode_items(self, items: Json) -> dict[Any, Any]:
        if isinstance(items, dict):
            return {key: self._decode(value) for key, value in items.items()}
        return {self._decode(key): self._decode(value) for key, value in items}


def _join(path: str, step: object) -> str:
    return f"{path}/{step}" if path else str(step)
