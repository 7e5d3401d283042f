"""Settings of blocks as JSON, and back: what csai-core's codec of trees knows, and what blocks are made with.

The kinds that are added to it: {"space": …}, {"attribute": …}, {"activation": …}, {"block": name}.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gymnasium import Space

from csai_core import ActionAttribute, Attribute, ObsAttribute
from csai_core.errors import CodecError, ConfigError
from csai_core.spaces import decode_space, encode_space
from csai_core.tree_codec import Decoder, Encoder
from csai_neural import activations
from csai_neural.blocks.block import Block

Json = Any
ATTRIBUTES: dict[str, type[Attribute]] = {"observation": ObsAttribute, "action": ActionAttribute}


def encode(value: Any, what: str) -> Json:
    """A setting as JSON can hold it.

    Args:
        value: a setting of a block, or several in a dict.
        what: how to call it in an error.

    Raises:
        ConfigError: if it is something that JSON cannot bring back.
    """
    try:
        return _SettingsEncoder(with_arrays=False).encode(value)
    except CodecError as error:
        raise ConfigError(
            f"{what} is {value!r}, which cannot be written to a file. Files hold numbers, strings, lists, "
            f"dicts, spaces, attributes and the activations {', '.join(activations.ACTIVATIONS)}. {error}"
        ) from error


def decode(json: Json, block: Callable[[str], Block] | None = None) -> Any:
    """The setting that `encode` was given; `block` makes the block of a name.

    Raises:
        CodecError: if it is not what `encode` gives.
    """
    return _SettingsDecoder(block).decode(json)


class _SettingsEncoder(Encoder):
    def encode_special(self, value: Any, path: str) -> Json | None:
        if isinstance(value, Attribute):
            kind = "action" if isinstance(value, ActionAttribute) else "observation"
            return {"attribute": {"name": value.name, "kind": kind, "space": encode_space(value.space)}}
        if isinstance(value, Space):
            return {"space": encode_space(value)}
        if isinstance(value, Block):
            return {"block": value.name}
        if found := activations.describe(value):
            name, settings = found
            return {"activation": {"name": name, "settings": self.encode(settings, path)}}
        return None


class _SettingsDecoder(Decoder):
    def __init__(self, block: Callable[[str], Block] | None) -> None:
        self._block = block
        super().__init__()

    def special_kinds(self) -> dict[str, Callable[[Json], Any]]:
        kinds: dict[str, Callable[[Json], Any]] = {
            "space": decode_space,
            "attribute": _decode_attribute,
            "activation": self._decode_activation,
        }
        return kinds if self._block is None else {**kinds, "block": self._block}

    def _decode_activation(self, content: Json) -> Any:
        return activations.ACTIVATIONS[content["name"]](**self.decode(content["settings"]))


def _decode_attribute(content: Json) -> Attribute:
    space: Any = decode_space(content["space"])
    return ATTRIBUTES[content["kind"]](content["name"], space)
