"""Few numbers and what they tell: means that bear outliers, intervals by resampling, chances of being better.

Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice", arXiv:2108.13264.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_RESAMPLES = 20_000
_MOST_ARRANGEMENTS = 50_000
_CONFIDENCE = 0.95
_SEED = 0
"""Of all resampling, so that the same numbers have the same interval."""


def interquartile_mean(values: Floats) -> Floats:
    """The mean of the middle half, which bears outliers and wastes less than the median.

    Args:
        values: (..., n); of n values a quarter is left out at each end, rounded down.

    Returns:
        (...,)
    """
    count = values.shape[-1]
    cut = count // 4
    return np.asarray(np.sort(values, axis=-1)[..., cut : count - cut].mean(axis=-1))


def interval(values: Floats, statistic: Callable[[Floats], Floats]) -> tuple[float, float]:
    """The 95% confidence interval of a statistic: its percentiles over samples drawn from the values.

    Args:
        values: (n,); of one value alone both ends are NaN.
        statistic: of the last axis.
    """
    if len(values) < 2:
        return math.nan, math.nan
    return _middle(statistic(_resampled(values, np.random.default_rng(_SEED))))


def probability_of_improvement(ours: Floats, theirs: Floats) -> Floats:
    """How often one of ours is above one of theirs, where an equal pair counts half.

    Args:
        ours: (..., n)
        theirs: (..., m)

    Returns:
        (...,)
    """
    difference = ours[..., :, None] - theirs[..., None, :]
    return np.asarray(((difference > 0) + 0.5 * (difference == 0)).mean(axis=(-2, -1)))


def interval_of_improvement(ours: Floats, theirs: Floats) -> tuple[float, float]:
    """The 95% confidence interval of `probability_of_improvement`; both ends are NaN for one value alone."""
    if min(len(ours), len(theirs)) < 2:
        return math.nan, math.nan
    random = np.random.default_rng(_SEED)
    return _middle(probability_of_improvement(_resampled(ours, random), _resampled(theirs, random)))


def chance_of_difference(ours: Floats, theirs: Floats) -> float:
    """How often as great a difference comes by chance alone, where both are of the same kind.

    That is the share of all ways to deal the values out, or of 50,000, in which one side is above the other
    at least as often: the two-sided test of Mann and Whitney 1947, doi:10.1214/aoms/1177730491.
    """
    values = np.concatenate([ours, theirs])
    chosen = _arrangements(len(values), len(ours))
    is_ours = np.zeros((len(chosen), len(values)), bool)
    np.put_along_axis(is_ours, chosen, values=True, axis=1)
    dealt = np.broadcast_to(values, is_ours.shape)
    shape = len(chosen), -1
    share = probability_of_improvement(dealt[is_ours].reshape(shape), dealt[~is_ours].reshape(shape))
    seen = abs(float(probability_of_improvement(ours, theirs)) - 0.5)
    return float((np.abs(share - 0.5) >= seen - 1e-9).mean())


def _arrangements(count: int, chosen: int) -> NDArray[np.int64]:
    """(ways, chosen): all ways to choose some of `count` places, or many drawn by chance."""
    if math.comb(count, chosen) <= _MOST_ARRANGEMENTS:
        return np.array(list(itertools.combinations(range(count), chosen)))
    random = np.random.default_rng(_SEED)
    return np.argsort(random.random((_MOST_ARRANGEMENTS, count)), axis=1)[:, :chosen]


def _resampled(values: Floats, random: np.random.Generator) -> Floats:
    """(resamples, n): samples with replacement."""
    return values[random.integers(len(values), size=(_RESAMPLES, len(values)))]


def _middle(found: Floats) -> tuple[float, float]:
    rest = (1 - _CONFIDENCE) / 2
    low, high = np.quantile(found, [rest, 1 - rest])
    return float(low), float(high)
