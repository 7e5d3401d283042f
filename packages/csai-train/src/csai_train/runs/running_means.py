"""What the episodes of a training have brought, and their running mean where that means something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_train.runs.episodes import EpisodeSummary, read_episodes
from csai_train.runs.run import Run

WINDOW = 100
"""Episodes in a mean, where there are enough of them."""
_SHARE = 5
"""A mean is over at most one in so many of a training's episodes."""
_KEYS = {"return": "total_reward", "score": "score", "length": "length"}

Floats = NDArray[np.float64]


class Episodes(NamedTuple):
    """The episodes of a training in the order in which they ended, some at a time."""

    steps: Floats
    """The step by which each of these groups had ended."""
    values: Floats
    """What they brought on average: their return, or their score."""
    counts: Floats
    """How many they are."""
    num_first: int
    """How many groups had ended when the last of the episodes that began with the training had."""
    singles: tuple[Floats, Floats]
    """Steps and values of some single episodes, to show how far they lie apart."""

    @property
    def window(self) -> int:
        """How many episodes the running mean is over at least: 100, or fewer in short trainings."""
        return max(1, min(WINDOW, int(self.counts.sum()) // _SHARE))

    def mean(self, window: int | None = None) -> tuple[Floats, Floats]:
        """The step at the end of each group, and the mean of the last `window` episodes or more.

        It begins where there are as many, and where all games that began with the training have ended: until
        then only the shortest have, of games played side by side, which are not like the others.
        """
        window = self.window if window is None else window
        ended = np.cumsum(self.counts)
        first = max(int(np.searchsorted(ended, window)), min(self.num_first, len(ended)) - 1)
        return self.steps[first:], grouped_mean(self.values, self.counts, window)[first:]


def episodes_of(run: Run, name: str) -> Episodes | None:
    """Returns, scores or lengths of a run's episodes; None where it has none, or not for all.

    Args:
        run: which.
        name: "return", "score" or "length".
    """
    return episodes_among(read_episodes(run), name)


def episodes_among(found: Sequence[EpisodeSummary], name: str) -> Episodes | None:
    """Returns, scores or lengths of episodes that were summed up; see `episodes_of`."""
    values = [getattr(summary, f"mean_{name}") for summary in found]
    if not found or any(value is None for value in values):
        return None
    singles = [(each.steps, getattr(each, _KEYS[name])) for summary in found for each in summary.newest]
    return Episodes(
        np.array([summary.steps for summary in found], float),
        np.array(values, float),
        np.array([summary.count for summary in found], float),
        max((number for number, each in enumerate(found, start=1) if each.num_first), default=1),
        tuple(np.array(singles, float).T),
    )


def grouped_mean(values: Floats, counts: Floats, window: int) -> Floats:
    """At each group, the mean of the fewest last ones that hold `window` values, or of all so far.

    Sums are of differences from the first value, so that the mean of what never changes does not either.
    """
    ended = np.concatenate([[0.0], np.cumsum(counts)])
    sums = np.concatenate([[0.0], np.cumsum((values - values[:1]) * counts)])
    starts = np.searchsorted(ended, np.maximum(ended[1:] - window, 0), side="right") - 1
    means: Floats = values[:1] + (sums[1:] - sums[starts]) / (ended[1:] - ended[starts])
    return means


def running_mean(values: Floats, window: int = WINDOW) -> Floats:
    """At each value, the mean of it and up to window - 1 before it."""
    return grouped_mean(values, np.ones(len(values)), window)
