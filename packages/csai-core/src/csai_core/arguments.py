"""Checks of what constructors are given; each error names the owner, the argument and what would work.

They are for everybody who writes an environment, a block, a buffer or an algorithm.
"""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Collection
from typing import Any

import numpy as np

from csai_core.errors import ConfigError, UnknownNameError
from csai_core.schedules import Schedule

__all__ = [
    "check_bool",
    "check_int",
    "check_name",
    "check_number",
    "check_path",
    "check_resolution",
    "check_seed",
    "check_type",
    "drawn_seed",
    "is_integer",
    "is_number",
]

MOST_PIXELS = 10_000
"""Along either side of a picture."""
MOST_ENVS = 2**20
"""Environments side by side."""
LARGEST_SEED = 2**64 - 1
"""What every generator takes: those of Python, numpy, torch and Gymnasium."""


def is_integer(value: object) -> bool:
    """Whether a value is an integer, of Python or of numpy; truth values are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether a value is a finite number, of Python or of numpy; truth values and schedules are none."""
    number: Any = value
    if is_integer(value):
        return bool(abs(number) <= sys.float_info.max)
    is_constant = isinstance(value, (float, np.floating)) and not isinstance(value, Schedule)
    return is_constant and math.isfinite(number)


def check_int(owner: str, name: str, value: object, least: int, most: int | None = None) -> int:
    """An integer, of Python or of numpy, from `least` to `most`; None as `most` sets no limit.

    Raises:
        ConfigError: if it is no such number, or out of range.
    """
    number: Any = value
    if is_integer(value) and least <= number and (most is None or number <= most):
        return int(number)
    bounds = f"of {least} or more" if most is None else f"from {least} to {most}"
    raise ConfigError(f"{owner} was given {name}={value!r}; it must be an integer {bounds}.")


def check_number(
    owner: str,
    name: str,
    value: object,
    *,
    least: float | None = None,
    above: float | None = None,
    most: float | None = None,
) -> float:
    """A finite number, of Python or of numpy, within bounds; None sets none.

    Raises:
        ConfigError: if it is no such number, or out of range.
    """
    number: Any = value
    if (
        is_number(value)
        and (least is None or number >= least)
        and (above is None or number > above)
        and (most is None or number <= most)
    ):
        return float(number)
    bounds = {"at least": least, "above": above, "at most": most}
    words = " and ".join(f"{word} {bound:g}" for word, bound in bounds.items() if bound is not None)
    raise ConfigError(
        f"{owner} was given {name}={value!r}; it must be a finite number {words}".rstrip() + "."
    )


def check_seed(owner: str, seed: object) -> int | None:
    """A seed: an integer of Python or of numpy, or None where any will do.

    Raises:
        ConfigError: if it is anything else, negative, or larger than generators take.
    """
    if seed is None:
        return None
    try:
        return check_int(owner, "seed", seed, 0, LARGEST_SEED)
    except ConfigError:
        raise ConfigError(
            f"{owner} was given seed={seed!r}; it must be an integer from 0 to 2**64 - 1, or None for any."
        ) from None


def drawn_seed(owner: str, seed: object) -> int:
    """The seed that was given, or one that is drawn where it is None.

    Raises:
        ConfigError: as `check_seed`.
    """
    checked = check_seed(owner, seed)
    return int(np.random.SeedSequence().generate_state(1)[0]) if checked is None else checked


def check_bool(owner: str, name: str, value: object) -> bool:
    """A truth value, of Python or of numpy.

    Raises:
        ConfigError: if it is anything else: the text "False" would count as true.
    """
    if isinstance(value, (bool, np.bool_)):
        return bool(value)
    raise ConfigError(f"{owner} was given {name}={value!r}; it must be True or False.")


def check_type(
    owner: str, name: str, value: object, kinds: type | tuple[type, ...], wanted: str, *, none: bool = False
) -> None:
    """Refuse what is of none of these classes.

    Args:
        owner: who was given it.
        name: of the argument.
        value: what was given.
        kinds: the classes.
        wanted: what it must be, as a sentence ends.
        none: whether None will do too.

    Raises:
        ConfigError: naming owner, argument, what was given and what is wanted.
    """
    if not (isinstance(value, kinds) or (none and value is None)):
        raise ConfigError(f"{owner} was given {name}={value!r}; it must be {wanted}.")


def check_path(owner: str, name: str, value: object, *, none: bool = False) -> None:
    """Refuse what is no path of a file or folder.

    Raises:
        ConfigError: as `check_type`, also for the empty path.
    """
    check_type(owner, name, value, (str, os.PathLike), "the path of a folder or file", none=none)
    if value == "":
        raise ConfigError(f"{owner} was given {name}=''; it must be the path of a folder or file.")


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
