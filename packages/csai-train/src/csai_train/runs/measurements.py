"""What a run has measured, as series over its steps: episodes from the feed, and columns of metrics.csv."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

import numpy as np

from csai_train.errors import RunError
from csai_train.runs.episodes import EpisodeSummary, summaries_in
from csai_train.runs.events_file import Event, read_events
from csai_train.runs.metrics_file import METRICS, Row, number_in, read_table
from csai_train.runs.run import Run
from csai_train.runs.running_means import Episodes, Floats, episodes_among, running_mean
from csai_train.runs.status import what_is_lost

OF_EPISODES = ("return", "score", "length")
"""What each episode has."""
SCALES = ("steps", "episodes", "time")
"""What a series can be drawn over."""
_SHARE = 20
"""A mean of a column is over one in so many of its rows."""
_NOT_MEASURED = ("steps", "episodes", "mean_return", "mean_score", "mean_length")
"""Columns of metrics.csv that say in another way what the feed says of episodes."""


class Series(NamedTuple):
    """What was measured, and after how many steps."""

    steps: Floats
    values: Floats


class Measurements:
    """What a run has measured; files are read once.

    Args:
        run: which.
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self._episodes: dict[str, Episodes | None] = {}

    @cached_property
    def names(self) -> list[str]:
        """What there is to draw, in the order in which one looks at it."""
        of_episodes = [name for name in OF_EPISODES if self.episodes(name) is not None]
        columns = dict.fromkeys(
            name for row in self._rows for name in row if number_in(row, name) is not None
        )
        return [*of_episodes, *(name for name in columns if name not in _NOT_MEASURED)]

    def episodes(self, name: str) -> Episodes | None:
        """Returns, scores or lengths of the episodes; None where there are none, or not of all."""
        if name not in self._episodes:
            self._episodes[name] = episodes_among(self._summaries, name)
        return self._episodes[name]

    @property
    def score_says_more(self) -> bool:
        """Whether there is a score, and it is not the return, or the return in another unit."""
        one, other = self.episodes("return"), self.episodes("score")
        if one is None or other is None:
            return False
        returns, scores = one.values, other.values
        if np.ptp(returns) == 0 or len(returns) < 3:
            return bool(np.ptp(scores) != 0)
        slope, intercept = np.polyfit(returns, scores, 1)
        return not np.allclose(slope * returns + intercept, scores, atol=1e-6 * max(1.0, np.ptp(scores)))

    def window(self, name: str, smooth: int | None = None) -> int:
        """Over how many episodes, or rows of a column, a mean is; `smooth` says it for episodes.

        Raises:
            RunError: if there were not as many episodes, or none.
        """
        if name not in OF_EPISODES:
            return max(1, len(self.singles(name).steps) // _SHARE)
        episodes = self._finished(name)
        if smooth is not None and smooth > episodes.counts.sum():
            raise RunError(
                f"{self.run.path} has {int(episodes.counts.sum()):,} finished episodes, too few for a mean "
                f"of {smooth:,}."
            )
        return smooth or episodes.window

    def singles(self, name: str) -> Series:
        """Some single episodes, or a column as it was measured, where that was a finite number."""
        if name in OF_EPISODES:
            return Series(*self._finished(name).singles)
        rows = [(float(row["steps"]), number_in(row, name)) for row in self._rows]
        known = [(steps, value) for steps, value in rows if value is not None]
        return Series(*np.array(known).reshape(-1, 2).T)

    def series(self, name: str, window: int | None = None) -> Series:
        """A running mean, from where there is enough for one.

        Args:
            name: one of `names`.
            window: over how many episodes or rows it is; None takes as many as `window` says.

        Raises:
            RunError: if no episode has ended.
        """
        window = self.window(name) if window is None else window
        if name in OF_EPISODES:
            return Series(*self._finished(name).mean(window))
        steps, values = self.singles(name)
        return Series(steps[window - 1 :], running_mean(values, window)[window - 1 :])

    def _finished(self, name: str) -> Episodes:
        episodes = self.episodes(name)
        if episodes is None:
            raise self.nothing_to_draw()
        return episodes

    def nothing_to_draw(self) -> RunError:
        """Why a run without episodes has none."""
        if lost := what_is_lost(self.run):
            return RunError(f"No episode stands in what is left of {self.run.path}. {lost}")
        return RunError(f"{self.run.path} has no finished episode yet, so there is nothing to draw.")

    def places(self, steps: Floats, scale: str) -> Floats:
        """Where steps lie on a scale: as they are, in episodes that had ended, or in seconds of training."""
        if scale == "steps":
            return steps
        known = self._ended if scale == "episodes" else self._elapsed
        return np.interp(steps, *known)

    @cached_property
    def _events(self) -> list[Event]:
        return read_events(self.run.path)

    @cached_property
    def _summaries(self) -> list[EpisodeSummary]:
        return summaries_in(self._events, self.run)

    @cached_property
    def _rows(self) -> list[Row]:
        return read_table(self.run.path / METRICS)

    @cached_property
    def _ended(self) -> tuple[Floats, Floats]:
        """Steps, and how many episodes had ended by then."""
        episodes = self.episodes("return")
        if episodes is None:
            return np.zeros(1), np.zeros(1)
        zero = np.zeros(1)
        return np.concatenate([zero, episodes.steps]), np.concatenate([zero, np.cumsum(episodes.counts)])

    @cached_property
    def _elapsed(self) -> tuple[Floats, Floats]:
        """Steps, and how many seconds it was trained until then; pauses do not count."""
        points, elapsed, last = [(0.0, 0.0)], 0.0, None
        for event in self._events:
            now = _time_of(event)
            if now is None:
                continue
            if last is not None and event["event"] != "start":
                elapsed += max(0.0, now - last)
            last = now
            points.append((float(event["steps"]), elapsed))
        steps, seconds = np.array(points).T
        return steps, seconds


def _time_of(event: Event) -> float | None:
    time = event.get("time")
    return float(time) if isinstance(time, (int, float)) and not isinstance(time, bool) else None
