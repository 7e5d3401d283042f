"""DictInputBlock: a dict of observations, each through a block of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from csai_core.errors import UnknownNameError
from csai_neural.blocks.block import Block
from csai_neural.blocks.input import InputBlock, Source
from csai_neural.devices import Device


class DictInputBlock(InputBlock):
    """An InputBlock whose branches are given at once; their outputs are concatenated unless joined otherwise.

    Args:
        in_attributes: attributes or spaces by name.
        modules: the block that each of them goes through, by the same names.
        device: where the network shall live.

    Raises:
        UnknownNameError: if a block is given for an attribute that is not there.
    """

    def __init__(
        self, in_attributes: Mapping[str, Source], modules: Mapping[str, Block], device: Device = None
    ) -> None:
        super().__init__(in_attributes, is_module_dict=True, device=device)
        for key, block in modules.items():
            if key not in self.parts:
                raise UnknownNameError.of("attribute of DictInputBlock", key, self.parts)
            self.join_block(block, key)

    def settings(self) -> dict[str, Any]:
        """The attributes and the blocks."""
        return {
            "in_attributes": self.in_attribute,
            "modules": {key: block for block, key in self.links if key is not None},
        }
