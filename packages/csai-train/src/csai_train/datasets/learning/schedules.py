"""Learning rates over a training, as factors of the highest."""

from __future__ import annotations

import math

_RISE = 0.25
_START = 0.04


def learning_rate_factor(schedule: str, progress: float) -> float:
    """The factor on the learning rate when `progress`, from 0 to 1, of a training is done.

    one_cycle rises along a straight line during the first quarter, and falls along a cosine after it.

    Reference: Smith and Topin 2018, arXiv:1708.07120.
    """
    if schedule == "constant":
        return 1.0
    if progress < _RISE:
        return _START + (1 - _START) * progress / _RISE
    return 0.5 * (1 + math.cos(math.pi * (progress - _RISE) / (1 - _RISE)))
