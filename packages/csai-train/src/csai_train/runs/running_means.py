"""What a training has brought, episode by episode, and its running mean where that means something."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from csai_train.runs.events_file import read_events
from csai_train.runs.run import Run

WINDOW = 100
"""Episodes in a mean, where there are enough of them."""
_SHARE = 5
"""A mean is over at most one in so many of a training's episodes."""
_KEYS = {"return": "total_reward", "score": "score"}

Floats = NDArray[np.float64]


class Episodes(NamedTuple):
    """The episodes of a training, in the order in which they ended."""

    steps: Floats
    """The step at which each ended."""
    values: Floats
    """What it brought: its return, or its score."""
    num_first: int
    """How many had ended when the last of those that began with the training did."""

    @property
    def window(self) -> int:
        """How many episodes the running mean is over: 100, or fewer in short trainings."""
        return max(1, min(WINDOW, len(self.values) // _SHARE))

    def mean(self) -> tuple[Floats, Floats]:
        """The step at the end of each episode, and the mean of it and those before it, `window` in all.

        It begins where there are as many, and where all games that began with the training have ended: until
        then only the shortest have, of games played side by side, which are not like the others.
        """
        first = max(self.window, min(self.num_first, len(self.values))) - 1
        return self.steps[first:], running_mean(self.values, self.window)[first:]


def episodes_of(run: Run, name: str) -> Episodes | None:
    """Returns or scores of a run's episodes; None where it has none, or not for all.

    Args:
        run: which.
        name: "return" or "score".
    """
    found = [event for event in read_events(run.path) if event["event"] == "episode"]
    if not found or any(event.get(_KEYS[name]) is None for event in found):
        return None
    columns = (np.array([event[key] for event in found], float) for key in ("steps", _KEYS[name], "length"))
    steps, values, lengths = columns
    num_envs = int(run.config["config"].get("num_envs", 1))
    began_with_the_training = steps - lengths * num_envs < num_envs
    return Episodes(steps, values, int(np.flatnonzero(began_with_the_training).max(initial=0)) + 1)


def running_mean(values: Floats, window: int = WINDOW) -> Floats:
    """At each value, the mean of it and up to window - 1 before it."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(0, ends - window)
    means: Floats = (sums[ends] - sums[starts]) / (ends - starts)
    return means
