"""InputBlock: where observations enter a network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

import torch
from gymnasium import spaces
from torch import Tensor

from csai_core import ActionAttribute, Attribute, ObsAttribute
from csai_core.errors import ConfigError
from csai_neural.blocks.block import Block, Shape
from csai_neural.devices import Device
from csai_neural.encoding import Encoder, IndexEncoder, PartsEncoder, make_encoder, part_at, parts_of
from csai_neural.errors import StructureError

Source: TypeAlias = Attribute | spaces.Space[Any] | Mapping[str, Any]


class InputBlock(Block):
    """Takes observations and turns them into float tensors; see `csai_neural.encoding` for how.

    Of an attribute it keeps name and space, never the environment behind it.

    Args:
        in_attribute: an attribute, any Gymnasium observation space, or a dict of these.
        is_module_dict: whether each part of a dict goes into a branch of its own; give the branches with
            `join_block(block, key)`; the key of a part of a part is a path, as in "arm.camera". Otherwise all
            parts are laid out as one vector.
        device: where the network shall live.
        channels_last: whether images have their channels on the last axis; None decides by the shape.
        as_indices: whether categories come out as integers, counted from 0, for an EmbeddingBlock,
            rather than as one-hot codes. The components of a MultiDiscrete count on from each other.

    Raises:
        ConfigError: if what was given has no space, or a setting does not suit the space.
        SpaceError: if a network cannot take the space.
    """

    def __init__(
        self,
        in_attribute: Source,
        is_module_dict: bool = False,
        device: Device = None,
        *,
        channels_last: bool | None = None,
        as_indices: bool = False,
    ) -> None:
        super().__init__(device)
        self.in_attribute = _detached(in_attribute)
        self.is_module_dict = is_module_dict
        self.channels_last = channels_last
        self.space = _space(self.in_attribute)
        self.as_indices = as_indices
        self.encoder: Encoder = make_encoder(self.space, channels_last, as_indices)
        if as_indices and not is_module_dict and isinstance(self.encoder, PartsEncoder):
            raise ConfigError(
                "as_indices=True for a dict needs is_module_dict=True, and an EmbeddingBlock in each branch."
            )
        if is_module_dict and not isinstance(self.space, (spaces.Dict, spaces.Tuple)):
            raise ConfigError(f"is_module_dict=True needs a dict of attributes, and was given {self.space}.")
        self.fit(self.encoder.shape)

    def build(self, input_shape: Shape) -> Shape:
        """Nothing to make: encoding has no parameters."""
        return input_shape

    def connect(self, *sources: Block) -> None:
        """Start a branch of the network.

        Raises:
            StructureError: if another block comes before this one.
        """
        if sources:
            raise StructureError(
                f"{self.title} cannot follow {sources[0].title}: an InputBlock starts a network. "
                "Add it first."
            )

    @property
    def gives_categories(self) -> int | None:
        """How many categories there are, if they come out as integers."""
        return self.encoder.num_categories if isinstance(self.encoder, IndexEncoder) else None

    @property
    def key(self) -> str:
        """What this input is called in the dict that a dictionary network takes."""
        return self.in_attribute.name if isinstance(self.in_attribute, Attribute) else ""

    def multiply_adds(self) -> int:
        """None that count."""
        return 0

    @property
    def parts(self) -> dict[str, Encoder]:
        """The encoders of all parts by what `join_block` takes as a key; none if it has no parts."""
        return self.encoder.all_parts() if isinstance(self.encoder, PartsEncoder) else {}

    def part(self, key: str) -> InputBlock:
        """An InputBlock for one part of this one, with the same name and part in its title."""
        part = InputBlock(
            part_at(self.in_attribute, key),
            channels_last=self.channels_last,
            as_indices=isinstance(self.parts[key], IndexEncoder),
        )
        part.name = f"{self.name}[{key}]"
        return part

    def forward(self, x: Any) -> Tensor:
        """Observations, single or batched, numpy or tensors, as floats: (*batch axes, *output_shape)."""
        device = self.device or torch.device("cpu")
        return self.encoder.encode(self.encoder.read(x, device, "input"), self.dtype)


def _detached(source: Any) -> Any:
    """Attributes that remember name and space, and nothing of the environment they came from."""
    if isinstance(source, Attribute):
        kind = ActionAttribute if isinstance(source, ActionAttribute) else ObsAttribute
        return kind(source.name, source.space)
    if isinstance(source, (spaces.Dict, spaces.Tuple)):
        return {key: _named(key, part) for key, part in parts_of(source).items()}
    if isinstance(source, spaces.Space):
        space: Any = make_encoder(source).space
        return ObsAttribute("observation", space)
    if isinstance(source, Mapping) and source:
        return {str(key): _named(str(key), part) for key, part in source.items()}
    raise ConfigError(
        f"An InputBlock was given {source!r}; give an attribute, as in "
        'env.get_attribute("game_state"), a space, as in env.observation_space, or a dict of these.'
    )


def _named(name: str, source: Any) -> Any:
    detached = _detached(source)
    is_leaf = isinstance(source, spaces.Space) and isinstance(detached, Attribute)
    return ObsAttribute(name, detached.space) if is_leaf else detached


def _space(attribute: Any) -> spaces.Space[Any]:
    if isinstance(attribute, Attribute):
        return attribute.space
    # Pairs, as Gymnasium sorts the keys of a dict.
    return spaces.Dict([(key, _space(part)) for key, part in attribute.items()])
