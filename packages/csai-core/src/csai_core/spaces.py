"""Gymnasium's spaces as JSON, and back: exact, and nothing in it is run. And how large they may be."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from gymnasium import Space, spaces
from numpy.typing import NDArray

from csai_core.decoding import decoding
from csai_core.errors import CodecError, SpaceError

Json = Any
_MOST_NUMBERS = 2**26
"""In all Boxes of a space; a file that asks for more is not believed, as the bounds would fill the memory."""

FEWER_ACTIONS = "Offer fewer actions, or have a Gymnasium action wrapper make them of several smaller parts."
MOST_CHOICES = 2**20
"""Values of which each gets a number of its own, in a network or in the row of a table."""


def require_countable(space: spaces.Discrete[Any] | spaces.MultiDiscrete[Any], cure: str) -> None:
    """Refuse a space of which nobody can keep a number for each of its values.

    Args:
        space: of a MultiDiscrete, the values of all components count.
        cure: what works instead, as a sentence.

    Raises:
        SpaceError: if it has more than `MOST_CHOICES`.
    """
    count = int(space.n) if isinstance(space, spaces.Discrete) else sum(space.nvec.ravel().tolist())
    if count > MOST_CHOICES:
        raise SpaceError(
            f"{space} has {count:,} values, and a number would be kept for each; {MOST_CHOICES:,} is the "
            f"most. {cure}"
        )


def require_content(space: Space[Any], what: str) -> None:
    """Refuse a space of which some part holds nothing: no number, no component, no part.

    Args:
        space: any space; what is no Gymnasium space of numbers or parts passes.
        what: what it is a space of, as a sentence begins: "The observation_space of Game".

    Raises:
        SpaceError: naming the part.
    """
    for name, part in _leaves(space, ""):
        if isinstance(part, (spaces.Dict, spaces.Tuple)) or 0 in (part.shape or ()):
            where = f" has {part} at {name}, which" if name else f" is {part}, which"
            raise SpaceError(
                f"{what}{where} holds nothing. Leave it out, or where there is nothing at all to say, give "
                "Discrete(1)."
            )


def _leaves(space: Space[Any], name: str) -> Iterator[tuple[str, Space[Any]]]:
    """All parts that have no parts, with their names; a Dict or Tuple without parts is one."""
    parts: Iterable[tuple[Any, Space[Any]]] = ()
    if isinstance(space, spaces.Dict):
        parts = space.spaces.items()
    elif isinstance(space, spaces.Tuple):
        parts = enumerate(space.spaces)
    is_leaf = True
    for key, part in parts:
        is_leaf = False
        yield from _leaves(part, f"{name}[{key!r}]")
    if is_leaf:
        yield name, space


def values_of(space: spaces.Discrete[Any]) -> list[int]:
    """All values of a space of actions, in order.

    Raises:
        SpaceError: if it has more than `MOST_CHOICES`.
    """
    require_countable(space, FEWER_ACTIONS)
    return list(range(int(space.start), int(space.start + space.n)))


def encode_space(space: Space[Any]) -> dict[str, Json]:
    """A space as an object with one key, its kind; equal spaces give equal JSON.

    Raises:
        CodecError: if it is of a kind that Gymnasium does not have.
    """
    for name, kind in _KINDS.items():
        if isinstance(space, kind.space):
            return {name: kind.encode(space)}
    raise CodecError(f"The space {space!r} cannot be written to a file; Gymnasium's own can.")


def decode_space(json: Json) -> Space[Any]:
    """The space that `encode_space` was given.

    Raises:
        CodecError: if it is not what `encode_space` gives.
    """
    with decoding("This space", CodecError, "It is not what csai writes."):
        if (count := _numbers_of_boxes(json)) > _MOST_NUMBERS:
            raise CodecError(f"Boxes of {count:,} numbers are too large to be read from a file.")
        return _decode(json)


def _decode(json: Json) -> Space[Any]:
    ((name, content),) = json.items()
    return _KINDS[name].decode(content)


def _numbers_of_boxes(json: Json) -> int:
    """How many numbers each of the bounds of all Boxes hold together, by their shapes."""
    if isinstance(json, list):
        return sum(map(_numbers_of_boxes, json))
    if not isinstance(json, dict):
        return 0
    shape = json.get("shape")
    sizes = [size for size in shape if isinstance(size, int)] if isinstance(shape, list) else [0]
    return abs(math.prod(sizes)) + sum(map(_numbers_of_boxes, json.values()))


def kinds_of(space: Space[Any]) -> set[str]:
    """What a space is made of: the names of its class and of its parts' classes.

    A Box of whole numbers is an "IntegerBox".
    """
    is_integer = isinstance(space, spaces.Box) and space.dtype.kind in "iub"
    kinds = {"IntegerBox" if is_integer else type(space).__name__}
    if isinstance(space, (spaces.Dict, spaces.Tuple)):
        parts = space.spaces.values() if isinstance(space, spaces.Dict) else space.spaces
        kinds.update(kind for part in parts for kind in kinds_of(part))
    return kinds


def _encode_box(box: spaces.Box) -> Json:
    bounds = {"low": _encode_bounds(box.low), "high": _encode_bounds(box.high)}
    return {**bounds, "shape": list(box.shape), "dtype": str(box.dtype)}


def _decode_box(content: Json) -> spaces.Box:
    shape, dtype = [int(size) for size in content["shape"]], _dtype(content)
    low, high = (_decode_bounds(content[bound], shape, dtype) for bound in ("low", "high"))
    return spaces.Box(low, high, dtype=dtype.type)


def _encode_bounds(bounds: NDArray[Any]) -> Json:
    """All numbers in a row, or one if they are the same; infinities as texts."""
    numbers = [each if math.isfinite(each) else str(each) for each in bounds.ravel().tolist()]
    return numbers[0] if numbers and numbers.count(numbers[0]) == len(numbers) else numbers


def _decode_bounds(content: Json, shape: list[int], dtype: np.dtype[Any]) -> NDArray[Any]:
    if not isinstance(content, list):
        return np.full(shape, _number(content), dtype)
    return np.array([_number(each) for each in content], dtype).reshape(shape)


def _number(content: Json) -> Any:
    return float(content) if isinstance(content, str) else content


def told_apart(one: Space[Any], other: Space[Any]) -> tuple[str, str]:
    """Two spaces that differ, in words that differ: as Gymnasium prints them, or else in full."""
    if str(one) != str(other):
        return str(one), str(other)
    return json.dumps(encode_space(one)), json.dumps(encode_space(other))


def _dtype(content: Json) -> np.dtype[Any]:
    dtype: np.dtype[Any] = np.dtype(content["dtype"])
    if dtype.kind not in "biuf":
        raise CodecError(f"{dtype} is not a type of numbers.")
    return dtype


def _decode_parts(content: Json) -> list[Space[Any]]:
    return [_decode(part) for part in content]


def _decode_graph(content: Json) -> spaces.Graph:
    edge = content["edge"]
    return spaces.Graph(_decode(content["node"]), None if edge is None else _decode(edge))


class _Kind(NamedTuple):
    space: type[Space[Any]]
    encode: Callable[[Any], Json]
    decode: Callable[[Json], Space[Any]]


_KINDS = {
    "box": _Kind(spaces.Box, _encode_box, _decode_box),
    "discrete": _Kind(
        spaces.Discrete,
        lambda space: {"n": int(space.n), "start": int(space.start), "dtype": str(space.dtype)},
        lambda content: spaces.Discrete(content["n"], start=content["start"], dtype=_dtype(content).type),
    ),
    "multi_discrete": _Kind(
        spaces.MultiDiscrete,
        lambda space: {
            "nvec": space.nvec.tolist(),
            "start": space.start.tolist(),
            "dtype": str(space.dtype),
        },
        lambda content: spaces.MultiDiscrete(
            content["nvec"],
            start=content["start"],
            dtype=_dtype(content).type,
        ),
    ),
    "multi_binary": _Kind(
        spaces.MultiBinary,
        lambda space: int(space.n) if np.ndim(space.n) == 0 else list(space.shape),
        spaces.MultiBinary,
    ),
    "text": _Kind(
        spaces.Text,
        lambda space: {"min": space.min_length, "max": space.max_length, "characters": space.characters},
        lambda content: spaces.Text(content["max"], min_length=content["min"], charset=content["characters"]),
    ),
    "dict": _Kind(
        spaces.Dict,
        lambda space: {key: encode_space(part) for key, part in space.spaces.items()},
        # Pairs, as Gymnasium sorts the keys of a dict.
        lambda content: spaces.Dict([(key, _decode(part)) for key, part in content.items()]),
    ),
    "tuple": _Kind(
        spaces.Tuple,
        lambda space: [encode_space(part) for part in space.spaces],
        lambda content: spaces.Tuple(_decode_parts(content)),
    ),
    "one_of": _Kind(
        spaces.OneOf,
        lambda space: [encode_space(part) for part in space.spaces],
        lambda content: spaces.OneOf(_decode_parts(content)),
    ),
    "sequence": _Kind(
        spaces.Sequence,
        lambda space: {"of": encode_space(space.feature_space), "stack": space.stack},
        lambda content: spaces.Sequence(_decode(content["of"]), stack=content["stack"]),
    ),
    "graph": _Kind(
        spaces.Graph,
        lambda space: {
            "node": encode_space(space.node_space),
            "edge": None if space.edge_space is None else encode_space(space.edge_space),
        },
        _decode_graph,
    ),
}
"""How each kind of space is taken apart and put together."""
