"""Checks that the blocks' settings and inputs have workable sizes."""

from __future__ import annotations

import numbers

from csai_core.errors import ConfigError
from csai_neural.errors import ShapeError

MOST_LAYERS = 1000
VECTOR_MEND = "Put a FlattenBlock() or a ConvBlock() before it"


def check_sizes(block: str, **sizes: object) -> None:
    """Refuse sizes that are not integers above 0; None passes.

    Raises:
        ConfigError: naming the block, the setting and what was given.
    """
    for name, size in sizes.items():
        if size is None:
            continue
        if isinstance(size, bool) or not isinstance(size, numbers.Integral) or int(size) < 1:
            raise ConfigError(f"{block} was given {name}={size!r}; it must be an integer above 0.")


def check_layers(block: str, **counts: object) -> None:
    """Refuse numbers of layers that no network has, before room is made for them.

    Raises:
        ConfigError: naming the block, the setting and what was given.
    """
    for name, count in counts.items():
        if isinstance(count, int) and count > MOST_LAYERS:
            raise ConfigError(f"{block} was given {name}={count}; it must be at most {MOST_LAYERS}.")


def expect_rank(input_shape: tuple[int, ...], rank: int, what: str, mend: str) -> None:
    """Refuse inputs with another number of axes.

    Raises:
        ShapeError: saying what the block takes and how to come by it.
    """
    if len(input_shape) != rank:
        raise ShapeError(f"it takes {what}, and is given {input_shape}. {mend}")
