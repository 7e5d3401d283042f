"""AttentionBlock: every element of a sequence or set looks at all others."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from csai_core.errors import UnknownNameError
from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import check_sizes, expect_rank, make_layer
from csai_neural.devices import Device
from csai_neural.errors import ShapeError

POOLS = ("none", "mean")


class AttentionBlock(Block):
    """One transformer layer: self-attention, then two linear layers, each added to what came in.

    The norm comes before each part (Vaswani et al. 2017, arXiv:1706.03762; Xiong et al. 2020,
    arXiv:2002.04745). It takes (elements, features) and does not know the elements' order unless
    `learn_positions` is set, which suits sets of things; words of a sentence need it.

    Args:
        num_heads: how many ways of looking there are; must divide the features.
        feed_forward_size: the size of the hidden linear layer; None is four times the features.
        pool: "none" gives (elements, features); "mean" gives their mean, (features,).
        learn_positions: whether to learn and add one vector for each position.
        input_shape: (elements, features); None takes what the block before gives.
        device: where the parameters live; None leaves it to the network.

    Raises:
        ConfigError: if a size cannot work.
        UnknownNameError: if there is no such pool.
    """

    def __init__(
        self,
        num_heads: int = 4,
        feed_forward_size: int | None = None,
        pool: Literal["none", "mean"] = "none",
        learn_positions: bool = False,
        input_shape: Shape | None = None,
        device: Device = None,
    ) -> None:
        super().__init__(device)
        check_sizes("AttentionBlock", num_heads=num_heads)
        check_sizes("AttentionBlock", feed_forward_size=feed_forward_size)
        if pool not in POOLS:
            raise UnknownNameError.of("pool of AttentionBlock", pool, POOLS)
        self.num_heads = num_heads
        self.feed_forward_size = feed_forward_size
        self.pool = pool
        self.learn_positions = learn_positions
        if input_shape is not None:
            self.fit(tuple(input_shape))

    def build(self, input_shape: Shape) -> Shape:
        """Make the layers for sequences of shape (elements, features)."""
        expect_rank(
            input_shape,
            2,
            "sequences, of shape (elements, features)",
            "An EmbeddingBlock() makes one of integers",
        )
        elements, features = input_shape
        if features % self.num_heads:
            fitting = [heads for heads in range(1, features + 1) if features % heads == 0]
            raise ShapeError(
                f"num_heads={self.num_heads} does not divide the {features} features. Use one of {fitting}"
            )
        hidden = 4 * features if self.feed_forward_size is None else self.feed_forward_size
        self.attention_norm = nn.LayerNorm(features)
        self.query_key_value = make_layer(nn.Linear, features, 3 * features)
        self.mix_heads = make_layer(nn.Linear, features, features)
        self.feed_forward = nn.Sequential(
            nn.LayerNorm(features),
            make_layer(nn.Linear, features, hidden),
            nn.GELU(),
            make_layer(nn.Linear, hidden, features),
        )
        self.positions = nn.Parameter(torch.zeros(input_shape)) if self.learn_positions else None
        return (features,) if self.pool == "mean" else (elements, features)

    def multiply_adds(self) -> int:
        """The linear layers, and every element with every other, twice."""
        if self.input_shape is None:
            return 0
        elements, features = self.input_shape
        linear = sum(layer.weight.numel() for layer in self.modules() if isinstance(layer, nn.Linear))
        return elements * linear + 2 * elements * elements * features

    def forward(self, x: Tensor) -> Tensor:
        """From (batch, elements, features) to the same shape, or to (batch, features) if pooled."""
        if self.positions is not None:
            x = x + self.positions
        x = x + self._attend(self.attention_norm(x))
        x = x + self.feed_forward(x)
        return x.mean(dim=1) if self.pool == "mean" else x

    def _attend(self, x: Tensor) -> Tensor:
        mixed = self.query_key_value(x)  # (batch, elements, 3 * features)
        heads = mixed.unflatten(-1, (3, self.num_heads, -1)).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(heads[0], heads[1], heads[2])
        result: Tensor = self.mix_heads(seen.transpose(1, 2).flatten(2))  # (batch, elements, features)
        return result
