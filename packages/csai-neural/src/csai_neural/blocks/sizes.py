"""Checks that the blocks' settings and inputs have workable sizes."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from csai_core.arguments import check_int
from csai_core.errors import ConfigError
from csai_core.memory import require_memory
from csai_neural.errors import ShapeError

MOST_LAYERS = 1000
LARGEST_SIZE = 2**30
"""Of a layer, along any axis."""
VECTOR_MEND = "Put a FlattenBlock() or a ConvBlock() before it"


def check_sizes(block: str, **sizes: object) -> None:
    """Refuse sizes that are not integers from 1 to `LARGEST_SIZE`; None passes.

    Raises:
        ConfigError: naming the block, the setting and what was given.
    """
    for name, size in sizes.items():
        if size is None:
            continue
        check_int(block, name, size, 1, LARGEST_SIZE)


def check_layers(block: str, **counts: object) -> None:
    """Refuse numbers of layers that no network has, before room is made for them.

    Raises:
        ConfigError: naming the block, the setting and what was given.
    """
    for name, count in counts.items():
        if isinstance(count, int) and count > MOST_LAYERS:
            raise ConfigError(f"{block} was given {name}={count}; it must be at most {MOST_LAYERS}.")


def make_layer(kind: type[nn.Module], *sizes: Any, **options: Any) -> Any:
    """A layer of torch, unless this machine has no memory for its weights.

    Args:
        kind: its class, such as `torch.nn.Linear`.
        *sizes: what it is made with.
        **options: what it is made with besides.

    Raises:
        ConfigError: if the weights do not fit, with how much they need and how much there is.
    """
    with torch.device("meta"):  # where weights have a size and take no room
        weights = kind(*sizes, **options).parameters()
    needed = sum(each.numel() * each.element_size() for each in weights)
    require_memory(
        f"A layer {kind.__name__}{sizes}", needed, "Make it smaller, or what comes before it: fewer inputs."
    )
    return kind(*sizes, **options)


def expect_rank(input_shape: tuple[int, ...], rank: int, what: str, mend: str) -> None:
    """Refuse inputs with another number of axes.

    Raises:
        ShapeError: saying what the block takes and how to come by it.
    """
    if len(input_shape) != rank:
        raise ShapeError(f"it takes {what}, and is given {input_shape}. {mend}")
