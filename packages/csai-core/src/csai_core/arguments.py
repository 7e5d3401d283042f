"""Checks of what constructors are given; each error names the owner, the argument and what would work.

They are for everybody who writes an environment, a block, a buffer or an algorithm.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from csai_core.errors import ConfigError, UnknownNameError

__all__ = ["check_bool", "check_int", "check_name", "check_resolution"]

MOST_PIXELS = 10_000
"""Along either side of a picture."""


def check_int(owner: str, name: str, value: object, least: int, most: int | None = None) -> int:
    """An integer, of Python or of numpy, from `least` to `most`; None as `most` sets no limit.

    Raises:
        ConfigError: if it is no such number, or out of range.
    """
    if (
        isinstance(value, (int, np.integer))
        and not isinstance(value, bool)
        and least <= value
        and (most is None or value <= most)
    ):
        return int(value)
    bounds = f"of {least} or more" if most is None else f"from {least} to {most}"
    raise ConfigError(f"{owner} was given {name}={value!r}; it must be an integer {bounds}.")


def check_bool(owner: str, name: str, value: object) -> bool:
    """A truth value, of Python or of numpy.

    Raises:
        ConfigError: if it is anything else: the text "False" would count as true.
    """
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ConfigError(f"{owner} was given {name}={value!r}; it must be True or False.")


def check_name(kind: str, name: object, known: Collection[str]) -> str:
    """One of the names there are.

    Raises:
        UnknownNameError: if it is not among them, with the nearest.
    """
    if isinstance(name, str) and name in known:
        return name
    raise UnknownNameError.of(kind, name, known)


def check_resolution(owner: str, value: Any) -> tuple[int, int]:
    """A picture's (width, height).

    Raises:
        ConfigError: unless it is a pair of integers from 1 to `MOST_PIXELS`.
    """
    try:
        width, height = value
        return (
            check_int(owner, "width", width, 1, MOST_PIXELS),
            check_int(owner, "height", height, 1, MOST_PIXELS),
        )
    except (TypeError, ValueError):
        raise ConfigError(
            f"{owner} was given resolution={value!r}; it must be (width, height), two integers from 1 "
            f"to {MOST_PIXELS}."
        ) from None
