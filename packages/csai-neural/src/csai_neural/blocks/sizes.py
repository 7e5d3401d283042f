"""Checks that the blocks' settings and inputs have workable sizes."""

from __future__ import annotations

import numbers

from csai_core.errors import ConfigError
from csai_neural.errors import ShapeError

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


def expect_rank(input_shape: tuple[int, ...], rank: int, what: str, mend: str) -> None:
    """Refuse inputs with another number of axes.

    Raises:
        ShapeError: saying what the block takes and how to come by it.
    """
    if len(input_shape) != rank:
        raise ShapeError(f"it takes {what}, and is given {input_shape}. {mend}")
