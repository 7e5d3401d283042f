"""Many episodes as a few numbers: what a training writes of them stays as small, however many there were."""

from __future__ import annotations

import math
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import astuple
from typing import Any

from csai_train.events import Episode

_NEWEST = 4
"""How many episodes are kept as they were, beside the summary of all of them."""


class EpisodeWindow:
    """What the episodes between two marks of a training came to: sums and bounds, however many there were.

    Args:
        num_envs: in how many environments they are played.
    """

    def __init__(self, num_envs: int) -> None:
        self._num_envs = num_envs
        self.count = self._num_first = self._num_cut = self._num_moments = 0
        self._rewards = self._lengths = self._squares = 0.0
        self._scores: float | None = 0.0
        """Their sum; None where a game keeps none."""
        self._lowest: float = sys.float_info.max
        self._highest: float = -sys.float_info.max
        self._shortest, self._longest = sys.maxsize, 0
        self._newest: deque[Episode] = deque(maxlen=_NEWEST)

    def include(self, episodes: Sequence[Episode], num_cut: int = 0) -> None:
        """Take note of some more, which have ended in one step.

        Args:
            episodes: at least one.
            num_cut: how many of them were cut short (truncated).
        """
        self.count += len(episodes)
        self._num_cut += num_cut
        self._num_moments += 1
        for episode in episodes:
            reward = episode.total_reward
            self._rewards += reward
            self._squares += reward * reward
            self._lengths += episode.length
            self._lowest, self._highest = min(self._lowest, reward), max(self._highest, reward)
            self._shortest = min(self._shortest, episode.length)
            self._longest = max(self._longest, episode.length)
            self._num_first += episode.steps - episode.length * self._num_envs < self._num_envs
            if episode.score is None or self._scores is None:
                self._scores = None
            else:
                self._scores += episode.score
        self._newest.extend(episodes)

    def summary(self) -> dict[str, Any]:
        """As it stands in the feed; empty where no episode has ended."""
        if not self.count:
            return {}
        return {
            "count": self.count,
            "num_first": self._num_first,
            "mean_return": self._rewards / self.count,
            "std_return": self._std_return(),
            "lowest_return": self._lowest,
            "highest_return": self._highest,
            "mean_length": self._lengths / self.count,
            "shortest": self._shortest,
            "longest": self._longest,
            "num_cut": self._num_cut,
            "num_moments": self._num_moments,
            "mean_score": None if self._scores is None else self._scores / self.count,
            "newest": [
                {"steps": e.steps, "total_reward": e.total_reward, "length": e.length, "score": e.score}
                for e in self._newest
            ],
        }

    def _std_return(self) -> float:
        mean = self._rewards / self.count
        return math.sqrt(max(0.0, self._squares / self.count - mean * mean))

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here."""
        return {
            "counts": [self.count, self._num_first, self._num_cut, self._num_moments],
            "sums": [self._rewards, self._lengths, self._scores, self._squares],
            "bounds": [self._lowest, self._highest, self._shortest, self._longest],
            "newest": [astuple(episode) for episode in self._newest],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.count, self._num_first, *rest = state["counts"]
        self._num_cut, self._num_moments = rest or (0, 0)  # older states do not know
        self._rewards, self._lengths, self._scores, *squares = state["sums"]
        self._squares = squares[0] if squares else self._rewards**2 / max(1, self.count)
        self._lowest, self._highest, *lengths = state["bounds"]
        self._shortest, self._longest = map(int, lengths or (sys.maxsize, 0))
        self._newest = deque((Episode(*values) for values in state["newest"]), maxlen=_NEWEST)
