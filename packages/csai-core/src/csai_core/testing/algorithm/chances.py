"""Comparing chances that were told with actions that were drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

_APART = 0.15
"""By how much a share may differ from a chance."""
_TIMES = 1.8
"""How many times as large one deviation may be as the other: a policy in bounds is no normal distribution."""
_FAR = 0.8
"""By how many deviations a mean may differ."""


def drawn_otherwise(space: spaces.Space[Any], chances: Any, drawn: Any) -> str:
    """How actions differ from the chances of a single observation; empty if they do not.

    Args:
        space: of actions.
        chances: as `Outlook.chances` has them, for a batch of one.
        drawn: a batch of actions.
    """
    if isinstance(space, spaces.Dict):
        parts = (drawn_otherwise(each, chances[key], drawn[key]) for key, each in space.spaces.items())
        return next(filter(None, parts), "")
    drawn = np.asarray(drawn)
    if isinstance(space, spaces.Box):
        return _spread_otherwise(space, chances.mean[0], chances.deviation[0], drawn)
    if isinstance(space, spaces.MultiBinary):
        return _shares_otherwise(drawn.mean(axis=0), chances[0])
    if isinstance(space, spaces.MultiDiscrete):
        columns = (drawn - space.start).reshape(len(drawn), -1).T
        found = (_shares_otherwise(_shares(*pair), each[0]) for pair, each in _pairs(space, columns, chances))
        return next(filter(None, found), "")
    if isinstance(space, spaces.Discrete):
        return _shares_otherwise(_shares(drawn - space.start, int(space.n)), chances[0])
    return ""


def _pairs(space: spaces.MultiDiscrete, columns: Any, chances: Any) -> Any:
    return zip(zip(columns, space.nvec.ravel().tolist(), strict=True), chances, strict=True)


def _shares(choices: NDArray[Any], size: int) -> NDArray[np.float64]:
    return np.bincount(choices.astype(np.int64), minlength=size) / len(choices)


def _shares_otherwise(shares: NDArray[np.float64], chances: Any) -> str:
    if np.abs(shares - np.asarray(chances)).max() <= _APART:
        return ""
    return f"the shares were {np.round(shares, 3).tolist()}, and explain told {np.round(chances, 3).tolist()}"


def _spread_otherwise(space: spaces.Box, mean: Any, deviation: Any, drawn: NDArray[Any]) -> str:
    """How numbers differ from a normal distribution that is clipped to the bounds."""
    normal = mean + deviation * np.random.default_rng(5).normal(size=drawn.shape)
    expected = np.clip(normal, space.low, space.high)
    told, is_drawn = expected.std(axis=0), drawn.std(axis=0)
    least = 1e-3 * np.maximum(1.0, np.abs(mean))
    is_wide = (np.maximum(told, is_drawn) > least) & (
        np.maximum(told, is_drawn) > _TIMES * np.minimum(told, is_drawn)
    )
    if is_wide.any():
        return (
            f"the standard deviation was {np.round(is_drawn, 3).tolist()}, and by the deviation that explain "
            f"told, {np.round(deviation, 3).tolist()}, it would be {np.round(told, 3).tolist()}"
        )
    away = np.abs(expected.mean(axis=0) - drawn.mean(axis=0))
    if (away > _FAR * told + least).any():
        return (
            f"the mean was {np.round(drawn.mean(axis=0), 3).tolist()}, and explain told "
            f"{np.round(mean, 3).tolist()}"
        )
    return ""
