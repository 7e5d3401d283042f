"""Which trials are ended early: those that never were as good as half of the finished ones on average.

Comparing parts of trainings one by one instead would end nearly all, as each has bad ones.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from csai_train.runs.episodes import EpisodeSummary, summaries_in
from csai_train.runs.events_file import read_events
from csai_train.runs.run import Run

RUNGS = 10
"""Into how many parts a training is cut; after each, its episodes in that part are judged."""
_FIRST_RUNG = 3
"""Before it, nothing is said of a training: the best often begin slowly."""
_FEWEST = 4
"""Finished trials from which on others are compared with them."""


def reached(runs: Sequence[Run | None]) -> dict[int, float]:
    """How well the trainings of a trial went by which step, as far as their feeds tell.

    Args:
        runs: of its seeds, one after the other; None is one that has not begun.

    Returns:
        By step, which counts the parts of the first seed, then those of the next and so on: the mean over
        these seeds of what episodes brought in that part.
    """
    found: dict[int, float] = {}
    before: list[list[float | None]] = []
    for number, run in enumerate(runs):
        parts = [] if run is None else _parts(run)
        for rung, value in enumerate(parts, start=1):
            values = [each[rung - 1] for each in before] + [value]
            known = [each for each in values if each is not None]
            if known:
                found[number * RUNGS + rung] = statistics.fmean(known)
        if len(parts) < RUNGS:
            break
        before.append(parts)
    return found


def first_hopeless(reached: dict[int, float], finished: Sequence[Any]) -> int | None:
    """The step by which a trial was worse than half of the finished ones; None where it never was.

    It is if the best of what it has reached is less than the median of what the others had on average.

    Reference: the median stopping rule of Golovin et al. 2017, https://doi.org/10.1145/3097983.3098043.
    """
    best = -math.inf
    for step, value in sorted(reached.items()):
        best = max(best, value)
        values = [each.intermediate_values for each in finished]
        others = [_mean_until(step, each) for each in values if step in each]
        is_early = (step - 1) % RUNGS + 1 < _FIRST_RUNG
        if not is_early and len(others) >= _FEWEST and best < statistics.median(others):
            return step
    return None


def _mean_until(step: int, values: Mapping[int, float]) -> float:
    return statistics.fmean(value for at, value in values.items() if at <= step)


def _parts(run: Run) -> list[float | None]:
    """What the episodes of each part that is over have brought on average; None where none has ended."""
    events = read_events(run.path)
    steps = max((event["steps"] for event in events), default=0)
    summaries = summaries_in(events, run)
    ends = [run.total_steps * rung // RUNGS for rung in range(RUNGS + 1)]
    return [
        _mean([each for each in summaries if start < each.steps <= end])
        for start, end in pairwise(ends)
        if end <= steps
    ]


def _mean(summaries: Sequence[EpisodeSummary]) -> float | None:
    count = sum(each.count for each in summaries)
    if not count:
        return None
    has_scores = all(each.mean_score is not None for each in summaries)
    total = 0.0
    for each in summaries:
        score = each.mean_score if has_scores else None
        total += each.count * (each.mean_return if score is None else score)
    return total / count
