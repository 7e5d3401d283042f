"""csai-neural: networks made of blocks that fit together, and say what is wrong when they don't.

Importing this package, or `csai_neural.hooks`, does not import torch; the first name taken from it does.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from csai_neural.actor_critic import ActorCritic
    from csai_neural.blocks.attention import AttentionBlock
    from csai_neural.blocks.block import Block
    from csai_neural.blocks.conv import ConvBlock
    from csai_neural.blocks.dict_input import DictInputBlock
    from csai_neural.blocks.dropout import DropoutBlock
    from csai_neural.blocks.dueling import DuelingBlock
    from csai_neural.blocks.embedding import EmbeddingBlock
    from csai_neural.blocks.flatten import FlattenBlock
    from csai_neural.blocks.input import InputBlock
    from csai_neural.blocks.join import JoinBlock
    from csai_neural.blocks.linear import LinearBlock
    from csai_neural.blocks.norm import NormBlock
    from csai_neural.blocks.output import Identity, OutputBlock
    from csai_neural.blocks.recurrent import RecurrentBlock
    from csai_neural.blocks.residual import ResidualBlock
    from csai_neural.net import Net

__version__ = "0.1.0"

_HOME = {
    "ActorCritic": "csai_neural.actor_critic",
    "AttentionBlock": "csai_neural.blocks.attention",
    "Block": "csai_neural.blocks.block",
    "ConvBlock": "csai_neural.blocks.conv",
    "DictInputBlock": "csai_neural.blocks.dict_input",
    "DropoutBlock": "csai_neural.blocks.dropout",
    "DuelingBlock": "csai_neural.blocks.dueling",
    "EmbeddingBlock": "csai_neural.blocks.embedding",
    "FlattenBlock": "csai_neural.blocks.flatten",
    "Identity": "csai_neural.blocks.output",
    "InputBlock": "csai_neural.blocks.input",
    "JoinBlock": "csai_neural.blocks.join",
    "LinearBlock": "csai_neural.blocks.linear",
    "Net": "csai_neural.net",
    "NormBlock": "csai_neural.blocks.norm",
    "OutputBlock": "csai_neural.blocks.output",
    "RecurrentBlock": "csai_neural.blocks.recurrent",
    "ResidualBlock": "csai_neural.blocks.residual",
}
"""The module that defines each public name."""

__all__ = [
    "ActorCritic",
    "AttentionBlock",
    "Block",
    "ConvBlock",
    "DictInputBlock",
    "DropoutBlock",
    "DuelingBlock",
    "EmbeddingBlock",
    "FlattenBlock",
    "Identity",
    "InputBlock",
    "JoinBlock",
    "LinearBlock",
    "Net",
    "NormBlock",
    "OutputBlock",
    "RecurrentBlock",
    "ResidualBlock",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOME])
