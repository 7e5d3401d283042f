"""csai-neural: networks made of blocks that fit together, and say what is wrong when they don't.

Importing this package, or `csai_neural.hooks`, does not import torch; the first name taken from it does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core.lazy import lazy_names

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
    from csai_neural.blocks.module import ModuleBlock
    from csai_neural.blocks.norm import NormBlock
    from csai_neural.blocks.output import Identity, OutputBlock
    from csai_neural.blocks.recurrent import RecurrentBlock
    from csai_neural.blocks.residual import ResidualBlock
    from csai_neural.bodies import as_body, default_body
    from csai_neural.generators import seeded
    from csai_neural.loading import load_network
    from csai_neural.net import Net
    from csai_neural.network import Network
    from csai_neural.sampling import sample_distribution
    from csai_neural.sequences import Layout, Sequences
    from csai_neural.sequential import generate_sequential
    from csai_neural.tensors import dict_to_tensor

__version__ = "0.1.0"

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
    "Layout",
    "LinearBlock",
    "ModuleBlock",
    "Net",
    "Network",
    "NormBlock",
    "OutputBlock",
    "RecurrentBlock",
    "ResidualBlock",
    "Sequences",
    "as_body",
    "default_body",
    "dict_to_tensor",
    "generate_sequential",
    "load_network",
    "sample_distribution",
    "seeded",
]

__getattr__, __dir__ = lazy_names(
    __name__,
    {
        "ActorCritic": "actor_critic",
        "AttentionBlock": "blocks.attention",
        "Block": "blocks.block",
        "ConvBlock": "blocks.conv",
        "DictInputBlock": "blocks.dict_input",
        "DropoutBlock": "blocks.dropout",
        "DuelingBlock": "blocks.dueling",
        "EmbeddingBlock": "blocks.embedding",
        "FlattenBlock": "blocks.flatten",
        "Identity": "blocks.output",
        "InputBlock": "blocks.input",
        "JoinBlock": "blocks.join",
        "Layout": "sequences",
        "LinearBlock": "blocks.linear",
        "ModuleBlock": "blocks.module",
        "Net": "net",
        "Network": "network",
        "NormBlock": "blocks.norm",
        "OutputBlock": "blocks.output",
        "RecurrentBlock": "blocks.recurrent",
        "ResidualBlock": "blocks.residual",
        "Sequences": "sequences",
        "as_body": "bodies",
        "default_body": "bodies",
        "dict_to_tensor": "tensors",
        "generate_sequential": "sequential",
        "load_network": "loading",
        "sample_distribution": "sampling",
        "seeded": "generators",
    },
)
