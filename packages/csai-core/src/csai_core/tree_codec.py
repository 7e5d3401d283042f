"""Trees of values as JSON and named arrays, and back: how checkpoints, networks and recordings hold values.

Numbers, texts, True, False, None and lists stand for themselves. Everything else is an object with one key
that says what it is: {"tuple": […]}, {"dict": {…}}, {"array": name}, {"tensor": name}, {"bytes": hex}.
Decoding builds values of these kinds alone, so whatever a file holds, nothing in it is run. A subclass can
add kinds of its own.
"""

from __future__ import annotations

import json
import math
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import tensors
from csai_core.decoding import decoding, parse_json
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

_STATES_OF = ("bit_generator.state", "state_dict()", "get_state()", "getstate()", "_asdict()")
"""How generators, networks, optimizers and the like give what they hold."""


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
    """The tree that `encode` was given; tensors come back on the CPU, numpy scalars as Python's numbers.

    Raises:
        CodecError: if it is not what `encode` gives.
    """
    return Decoder(arrays).decode(json)


def to_file(tree: Any) -> tuple[bytes, dict[str, NDArray[Any]]]:
    """A tree as files hold it: a text in JSON, and the arrays that it refers to by name.

    Raises:
        CodecError: if something in it is of another kind, naming its place, or it would not come back.
    """
    encoded, arrays = encode(tree)
    text = json.dumps(encoded).encode()
    with decoding("What is saved here", CodecError, "Keep it flatter."):
        parse_json(text)
    return text, arrays


def from_file(text: bytes, arrays: Arrays) -> Any:
    """The tree that `to_file` was given.

    Raises:
        CodecError: if it is not what `to_file` gives.
    """
    with decoding("A saved state", CodecError, "It is not what csai writes."):
        return decode(parse_json(text), arrays)


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
        if isinstance(value, bytes):
            return {"bytes": value.hex()}
        if tensors.is_tensor(value) and self._with_arrays:
            return {"tensor": self._encode_tensor(value, path)}
        if isinstance(value, np.ndarray) and value.dtype.kind in "biuf" and self._with_arrays:
            return {"array": self.keep_array(value, path)}
        if isinstance(value, Mapping):
            return {"dict": self._encode_items(value, path)}
        return self._encode_sequence(value, path)

    def _encode_tensor(self, tensor: Any, path: str) -> Json:
        """The name of its array, with its type and shape where the array holds only bytes."""
        try:
            array, name = tensors.to_array(tensor)
        except TypeError as error:
            raise CodecError(f"{path or 'This'} cannot be saved here: it is a {error}.") from error
        kept = self.keep_array(array, path)
        return kept if tensors.is_shared_with_numpy(name) else [kept, name, list(tensor.shape)]

    def _encode_sequence(self, value: Any, path: str) -> Json:
        tag = next((tag for kind, tag in _SEQUENCES.items() if isinstance(value, kind)), None)
        if tag is None:
            kind = f"array of {value.dtype}" if isinstance(value, np.ndarray) else type(value).__name__
            raise CodecError(
                f"{path or 'This'} is of the type {kind}, which cannot be saved here; "
                f"{'arrays of real numbers, tensors, ' if self._with_arrays else ''}numbers and texts can, "
                f"and dicts, lists, tuples, sets and deques of them.{_advice(value)}"
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
            "tensor": self._decode_tensor,
            "float": float,
            "bytes": bytes.fromhex,
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

    def _decode_tensor(self, content: Json) -> Any:
        if isinstance(content, list):
            name, dtype, shape = content
            return tensors.from_array(self.arrays[name], dtype, shape)
        array = self.arrays[content]
        return tensors.from_array(array, str(array.dtype))

    def _decode_items(self, items: Json) -> dict[Any, Any]:
        if isinstance(items, dict):
            return {key: self._decode(value) for key, value in items.items()}
        return {self._decode(key): self._decode(value) for key, value in items}


def _advice(value: Any) -> str:
    """What to give in place of something that holds a state of its own, as a sentence."""
    for method in _STATES_OF:
        if hasattr(value, method.partition("(")[0].partition(".")[0]):
            return f" Give its state: .{method}."
    return " Give np.asarray(value)." if hasattr(value, "__array__") and not _is_array(value) else ""


def _is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, np.generic))


def _join(path: str, step: object) -> str:
    return f"{path}/{step}" if path else str(step)
