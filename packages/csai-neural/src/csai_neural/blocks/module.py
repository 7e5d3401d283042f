"""ModuleBlock: a plain torch module as a block."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from csai_core.errors import ConfigError
from csai_neural.blocks.block import Block, Shape
from csai_neural.errors import ShapeError
from csai_neural.generators import forked

TRIED = 2
"""How many inputs the module is tried with."""


class ModuleBlock(Block):
    """Any torch module that maps a batch to a batch; its output shape is found out by trying.

    The module stays the very object that was given. Files cannot hold it, as nothing tells how to make it
    again: for that, write a block.

    Args:
        module: takes (batch, *input_shape) and gives (batch, *output_shape).
    """

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def build(self, input_shape: Shape) -> Shape:
        """Try the module with zeros, as it is in use."""
        weight = next(self.module.parameters(), torch.empty(0))
        x = torch.zeros(TRIED, *input_shape, device=weight.device, dtype=self.dtype)
        was_training = self.module.training
        try:
            with forked(), torch.no_grad():
                y = self.module.eval()(x)
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            name = type(self.module).__name__
            raise ShapeError(
                f"{name} failed on a batch of shape {tuple(x.shape)}: {error}. "
                "It is given what an InputBlock makes of the observations"
            ) from error
        finally:
            self.module.train(was_training)
        if not isinstance(y, Tensor) or y.shape[:1] != (TRIED,):
            given = tuple(y.shape) if isinstance(y, Tensor) else type(y).__name__
            raise ShapeError(f"for a batch of {TRIED} it gives {given}; let it give a tensor (batch, …)")
        return tuple(y.shape[1:])

    def forward(self, x: Any) -> Tensor:
        """The module's value: from (batch, *input_shape) to (batch, *output_shape)."""
        y: Tensor = self.module(x)
        return y

    def settings(self) -> dict[str, Any]:
        """Refused: nothing tells how to make the module again.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(
            f"The structure of {type(self.module).__name__} cannot be written to a file, as it is a plain "
            "torch module. Make it a block, a subclass of csai_neural.Block, and register that by a plugin."
        )
