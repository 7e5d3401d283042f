"""JoinBlock: several branches become one."""

from __future__ import annotations

import math
from typing import Literal

import torch
from torch import Tensor

from csai_core.errors import UnknownNameError
from csai_neural.activations import Activation, as_setting, make_activation
from csai_neural.blocks.block import Block, Shape, refuse_unknown
from csai_neural.blocks.sizes import check_sizes
from csai_neural.devices import Device
from csai_neural.errors import ShapeError, StructureError

METHODS = ("concatenate", "sum", "product")


class JoinBlock(Block):
    """Merges the outputs of all branches before it.

    Args:
        join_size: how many numbers that makes; None finds out, a number is checked.
        device: where the network shall live.
        activation: what is done to the merged numbers; None does nothing.
        method: "concatenate" lays the branches out one after the other; "sum" and "product" merge
            branches of one shape number by number.

    Raises:
        ConfigError: if the size is no size.
        UnknownNameError: if there is no such method or activation.
    """

    def __init__(
        self,
        join_size: int | None = None,
        device: Device = None,
        activation: Activation = None,
        *,
        method: Literal["concatenate", "sum", "product"] = "concatenate",
    ) -> None:
        super().__init__(device)
        check_sizes("JoinBlock", join_size=join_size)
        if method not in METHODS:
            raise UnknownNameError.of("method of JoinBlock", method, METHODS)
        self.join_size = join_size
        self.activation = as_setting(activation)
        self.method = method
        self.layer = make_activation(activation, default="identity")

    def connect(self, *sources: Block) -> None:
        """Fit behind all `sources` at once.

        Raises:
            StructureError: if there are none.
            ShapeError: if their shapes cannot be merged, or do not make `join_size` numbers.
        """
        if not sources:
            raise StructureError(f"{self.title} has nothing to join. Add the branches before it.")
        for source in sources:
            refuse_unknown(source)
            if source.gives_categories is not None:
                raise ShapeError(
                    f"{self.title} cannot follow {source.title}, which gives integers. "
                    "Put an EmbeddingBlock() between them, or leave as_indices=True out."
                )
        shapes = [source.output_shape or () for source in sources]
        listed = ", ".join(f"{source.title} {source.output_shape}" for source in sources)
        if self.method == "concatenate":
            shape: Shape = (sum(math.prod(each) for each in shapes),)
        elif len(set(shapes)) == 1:
            shape = shapes[0]
        else:
            raise ShapeError(
                f"{self.title} cannot take the {self.method} of different shapes: {listed}. Give the "
                'branches one output size, or use method="concatenate".'
            )
        if self.join_size not in (None, math.prod(shape)):
            raise ShapeError(
                f"{self.title} was given join_size={self.join_size}, and its branches make "
                f"{math.prod(shape)}: {listed}. Say join_size={math.prod(shape)}, or leave it out."
            )
        self.fit(shape)

    def build(self, input_shape: Shape) -> Shape:
        """Nothing to make: joining has no parameters."""
        return input_shape

    def multiply_adds(self) -> int:
        """None that count."""
        return 0

    def forward(self, *branches: Tensor) -> Tensor:
        """From one tensor (batch, …) of each branch to (batch, *output_shape)."""
        if self.method == "concatenate":
            merged = torch.cat([branch.flatten(1) for branch in branches], dim=1)
        elif self.method == "sum":
            merged = sum(branches[1:], start=branches[0])
        else:
            merged = math.prod(branches[1:], start=branches[0])
        result: Tensor = self.layer(merged)
        return result
