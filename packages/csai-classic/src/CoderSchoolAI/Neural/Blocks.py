"""Blocks, by their old path."""

from csai_neural import (
    Block,
    ConvBlock,
    DictInputBlock,
    FlattenBlock,
    Identity,
    InputBlock,
    JoinBlock,
    LinearBlock,
    OutputBlock,
)

__all__ = [
    "Block",
    "ConvBlock",
    "DictInputBlock",
    "FlattenBlock",
    "Identity",
    "InputBlock",
    "JoinBlock",
    "LinearBlock",
    "OutputBlock",
]
