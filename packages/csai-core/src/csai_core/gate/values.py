"""Rewards, ends and infos: which of those that environments give are taken, and as what."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.gate import words

Floats = NDArray[np.floating[Any]]


class Improper(Exception):  # noqa: N818 - becomes an error where it is known which environment gave it
    """Something that an environment gave and nobody can use.

    Args:
        what: what is wrong and what would be right.
        index: which environment of a vector gave it; None where that cannot be told.
    """

    def __init__(self, what: str, index: int | None = None) -> None:
        super().__init__(what)
        self.index = index


def check_items(result: Any, count: int) -> None:
    """Refuse what is not so many items of which the last is a dict: 2 of `reset`, 5 of `step`.

    Raises:
        Improper: saying what was given.
    """
    method, right = ("reset", words.RESET_ITEMS) if count == 2 else ("step", words.STEP_ITEMS)
    if not isinstance(result, tuple):
        raise Improper(f"{method} returned one {type(result).__name__}; {right}")
    if len(result) != count:
        kinds = ", ".join(type(item).__name__ for item in result)
        raise Improper(f"{method} returned {len(result)} items ({kinds}); {right}")
    if not isinstance(result[-1], dict):
        raise Improper(f"{method} returned the info {result[-1]!r}. {words.INFO}")


def as_reward(value: Any) -> float:
    """A reward as a float: a number, or an array or tensor of one.

    Raises:
        Improper: if it is anything else, or not finite.
    """
    number = _only_number(value, "biuf")
    if number is None or not math.isfinite(number):
        raise Improper(f"It gave the reward {value!r}. {words.REWARD}")
    return float(number)


def as_flag(name: str, value: Any) -> bool:
    """A `terminated` or `truncated` as a bool: True or False, 1 or 0, or an array or tensor of one.

    Raises:
        Improper: if it is anything else.
    """
    number = _only_number(value, "biu")
    if number is None or number not in (0, 1):
        raise Improper(f"It said that {name} is {value!r}. {words.FLAG}")
    return bool(number)


def as_rewards(values: Any, count: int) -> Floats:
    """The rewards of a vector environment as an array of their own, of shape (count,).

    Raises:
        Improper: if they are anything else, or one is not finite.
    """
    if not _is_row(values, count, "f"):
        rows = _rows("rewards", values, count)
        return np.array([_of(i, as_reward, row) for i, row in enumerate(rows)])
    if not trees.is_finite(values):
        i = int(np.flatnonzero(~np.isfinite(values))[0])
        raise Improper(f"It gave the reward {values[i]}. {words.REWARD}", i)
    return values.copy()  # type: ignore[no-any-return]


def as_flags(name: str, values: Any, count: int) -> NDArray[np.bool_]:
    """The `terminated` or `truncated` of a vector environment as an array of their own, of shape (count,).

    Raises:
        Improper: if they are anything else.
    """
    if _is_row(values, count, "b"):
        return values.copy()  # type: ignore[no-any-return]
    rows = _rows(name, values, count)
    return np.array([_of(i, lambda row: as_flag(name, row), row) for i, row in enumerate(rows)])


def score_of(info: Mapping[str, Any]) -> float | None:
    """A game's own score, `info["score"]`: a number, or an array of one; None where there is no such."""
    number = _only_number(info.get("score"), "biuf")
    return None if number is None or not math.isfinite(number) else float(number)


def scores_of(info: Mapping[str, Any], count: int) -> NDArray[np.float64] | None:
    """The scores in the info of a vector environment, NaN where there is none; None if nobody keeps any."""
    given: Any = info.get("score")
    present: Any = info.get("_score", np.ones(count, np.bool_))
    if not _is_long(given, count) or not _is_long(present, count):
        return None
    if not (isinstance(given, np.ndarray) and given.dtype.kind in "biuf" and given.ndim == 1):
        given = np.array([score_of({"score": each}) for each in given], np.float64)
    return np.where(np.asarray(present, np.bool_) & np.isfinite(given), given, np.nan)


def _is_long(values: Any, count: int) -> bool:
    return (
        isinstance(values, (np.ndarray, list, tuple))
        and getattr(values, "ndim", 1) > 0
        and len(values) == count
    )


def _only_number(value: Any, kinds: str) -> Any:
    """The one number in a value of these kinds of dtype; None if it is something else."""
    if value is None or isinstance(value, (str, bytes, dict)):
        return None
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O" and hasattr(value, "__float__") and array.ndim == 0 and "f" in kinds:
            array = np.asarray(float(value))  # such as a Fraction
    except (ValueError, TypeError, RuntimeError, ArithmeticError):
        return None
    return array.item() if array.size == 1 and array.dtype.kind in kinds else None


def _is_row(values: Any, count: int, kind: str) -> bool:
    return isinstance(values, np.ndarray) and values.dtype.kind == kind and values.shape == (count,)


def _rows(what: str, values: Any, count: int) -> list[Any]:
    try:
        rows = list(values)
    except TypeError:
        rows = []
    if len(rows) != count:
        raise Improper(f"Its {what} are {values!r}; step returns an array of {count}, one an environment.")
    return rows


def _of(index: int, read: Any, value: Any) -> Any:
    """What one environment gave, read; what is improper about it is told as that one's."""
    try:
        return read(value)
    except Improper as found:
        raise Improper(str(found), index) from None
