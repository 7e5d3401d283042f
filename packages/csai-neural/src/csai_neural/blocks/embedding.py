"""EmbeddingBlock: learns a vector for each of a number of categories."""

from __future__ import annotations

from typing import ClassVar

from torch import nn

from csai_neural.blocks.block import Block, Shape
from csai_neural.blocks.sizes import check_sizes, make_layer
from csai_neural.devices import Device
from csai_neural.errors import ShapeError


class EmbeddingBlock(Block):
    """Looks integers up in a table of learned vectors: from (…) to (…, embedding_size).

    It follows an InputBlock made with `as_indices=True`.

    Args:
        num_categories: the rows of the table; None takes as many as the input has, a number may be larger.
        embedding_size: the length of the vectors. About the fourth root of `num_categories` is small,
            its square root is large.
        device: where the parameters live; None leaves it to the network.

    Raises:
        ConfigError: if a size cannot work.
    """

    takes_indices: ClassVar[bool] = True

    def __init__(
        self, num_categories: int | None = None, embedding_size: int = 16, device: Device = None
    ) -> None:
        super().__init__(device)
        check_sizes("EmbeddingBlock", num_categories=num_categories)
        check_sizes("EmbeddingBlock", embedding_size=embedding_size)
        self.num_categories = num_categories
        self.embedding_size = embedding_size

    def connect(self, *sources: Block) -> None:
        """Fit behind an InputBlock that gives integers.

        Raises:
            ShapeError: if what comes before gives none, or more categories than there are rows.
        """
        source = sources[0]
        given = source.gives_categories
        if given is None:
            raise ShapeError(
                f"{self.title} cannot follow {source.title}: it takes integers. Put it right after an "
                "InputBlock of a Discrete, MultiDiscrete or integer Box space made with as_indices=True."
            )
        if self.num_categories is not None and self.num_categories < given:
            raise ShapeError(
                f"{self.title} was made for num_categories={self.num_categories}, and {source.title} has "
                f"{given}. Say num_categories={given}, or leave it out."
            )
        if self.num_categories is None:
            self.num_categories = given
        super().connect(source)

    def build(self, input_shape: Shape) -> Shape:
        """Make the table."""
        if self.num_categories is None:
            raise ShapeError("num_categories is not known. Say how many there are")
        self.layers = nn.Sequential(make_layer(nn.Embedding, self.num_categories, self.embedding_size))
        return (*input_shape, self.embedding_size)
