"""Codec: the settings of blocks as JSON, and back; data only, nothing that can run.

Numbers, strings, None and lists stand for themselves. Everything else is an object with one key that
says what it is: {"dict": …}, {"space": …}, {"attribute": …}, {"activation": …}, {"block": name}.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from gymnasium import spaces

from csai_core import ActionAttribute, Attribute, ObsAttribute
from csai_core.errors import ConfigError
from csai_neural import activations
from csai_neural.blocks.block import Block

ATTRIBUTES: dict[str, type[Attribute]] = {"observation": ObsAttribute, "action": ActionAttribute}


def encode(value: Any, what: str) -> Any:
    """A value as JSON can hold it.

    Args:
        value: a setting of a block.
        what: how to call it in an error.

    Raises:
        ConfigError: if it is something that JSON cannot bring back.
    """
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else {"float": str(value)}
    if isinstance(value, (list, tuple)):
        return [encode(each, what) for each in value]
    if isinstance(value, Mapping):
        return {"dict": {str(key): encode(each, f"{what}[{key!r}]") for key, each in value.items()}}
    if isinstance(value, Attribute):
        kind = "action" if isinstance(value, ActionAttribute) else "observation"
        return {"attribute": {"name": value.name, "kind": kind, "space": encode_space(value.space)}}
    if isinstance(value, spaces.Space):
        return {"space": encode_space(value)}
    if isinstance(value, Block):
        return {"block": value.name}
    if found := activations.describe(value):
        return {"activation": {"name": found[0], "settings": encode(found[1], what)}}
    raise ConfigError(
        f"{what} is {value!r}, which cannot be written to a file. Files hold numbers, strings, lists, dicts, "
        f"spaces, attributes and the activations {', '.join(activations.ACTIVATIONS)}."
    )


def decode(value: Any, block: Callable[[str], Block] | None = None) -> Any:
    """The value that `encode` was given; `block` makes the block of a name.

    Raises:
        ValueError, TypeError, KeyError, LookupError: if it is nothing that `encode` gives.
    """
    if isinstance(value, list):
        return [decode(each, block) for each in value]
    if not isinstance(value, dict):
        return value
    ((tag, content),) = value.items()
    if tag == "dict":
        return {key: decode(each, block) for key, each in content.items()}
    if tag == "float":
        return float(content)
    if tag == "space":
        return decode_space(content)
    if tag == "attribute":
        space: Any = decode_space(content["space"])
        return ATTRIBUTES[content["kind"]](content["name"], space)
    if tag == "block" and block is not None:
        return block(content)
    if tag == "activation":
        return activations.ACTIVATIONS[content["name"]](**decode(content["settings"], block))
    raise ValueError(f"there is no kind of setting {tag!r}")


def encode_space(space: spaces.Space[Any]) -> dict[str, Any]:
    """A Gymnasium space as JSON can hold it; bounds that are all the same are written once."""
    if isinstance(space, spaces.Box):
        return {
            "box": {
                "low": _array(space.low),
                "high": _array(space.high),
                "shape": list(space.shape),
                "dtype": str(space.dtype),
            }
        }
    if isinstance(space, spaces.Discrete):
        return {"discrete": {"n": int(space.n), "start": int(space.start), "dtype": str(space.dtype)}}
    if isinstance(space, spaces.MultiDiscrete):
        return {
            "multi_discrete": {
                "nvec": space.nvec.tolist(),
                "start": space.start.tolist(),
                "dtype": str(space.dtype),
            }
        }
    if isinstance(space, spaces.MultiBinary):
        return {"multi_binary": space.n if isinstance(space.n, int) else list(space.shape)}
    if isinstance(space, spaces.Dict):
        return {"dict": {key: encode_space(part) for key, part in space.spaces.items()}}
    if isinstance(space, spaces.Tuple):
        return {"tuple": [encode_space(part) for part in space.spaces]}
    raise ConfigError(f"The space {space!r} cannot be written to a file.")


def decode_space(value: dict[str, Any]) -> spaces.Space[Any]:
    """The space that `encode_space` was given.

    Raises:
        ValueError, TypeError, KeyError: if it is nothing that `encode_space` gives.
    """
    ((tag, content),) = value.items()
    if tag == "box":
        dtype = np.dtype(content["dtype"])
        low, high = (_bounds(content[each], content["shape"], dtype) for each in ("low", "high"))
        return spaces.Box(low, high, dtype=dtype.type)
    if tag == "discrete":
        return spaces.Discrete(content["n"], start=content["start"], dtype=np.dtype(content["dtype"]).type)
    if tag == "multi_discrete":
        dtype = np.dtype(content["dtype"])
        return spaces.MultiDiscrete(content["nvec"], dtype=dtype.type, start=content["start"])
    if tag == "multi_binary":
        return spaces.MultiBinary(content)
    if tag == "dict":
        # Pairs, as Gymnasium sorts the keys of a dict.
        return spaces.Dict([(key, decode_space(part)) for key, part in content.items()])
    if tag == "tuple":
        return spaces.Tuple([decode_space(part) for part in content])
    raise ValueError(f"there is no kind of space {tag!r}")


def _array(array: np.ndarray[Any, Any]) -> Any:
    """Nested lists, or one number if all are the same; infinities as strings."""
    values = array.ravel()
    if values.size and (values == values[0]).all():
        return _number(values[0])
    return [_number(value) for value in values]


def _number(value: Any) -> Any:
    number = value.item()
    return str(number) if isinstance(number, float) and not math.isfinite(number) else number


def _bounds(value: Any, shape: list[int], dtype: np.dtype[Any]) -> np.ndarray[Any, Any]:
    values = value if isinstance(value, list) else [value]
    numbers = np.array([float(each) if isinstance(each, str) else each for each in values], dtype)
    return numbers.reshape(shape) if isinstance(value, list) else np.full(shape, numbers[0], dtype)
