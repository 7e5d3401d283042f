"""What is known of a training at a check: all that rules of health look at.

It is the same whether the training is under way or long over, as all of it stands in the run's feed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

WARM_UP = 0.03
"""Of a training: a beginning in which nothing is judged but what cannot be right."""
_ENOUGH = 20
"""Episodes whose mean says something."""


@dataclass(frozen=True)
class Subject:
    """What is trained, and where."""

    algorithm: str
    environment: str
    """Its id; empty where it has none."""
    total_steps: int
    num_envs: int = 1
    config: Mapping[str, Any] = field(default_factory=dict)
    """The algorithm's settings by name."""
    num_actions: int | None = None
    """Of a Discrete action space; None where it is another."""
    max_episode_steps: int | None = None
    """After how many steps an episode is cut short, where the environment says so."""
    goal: float | None = None
    """The mean return at which the environment counts as solved, where it says so."""

    def has(self, *settings: str) -> bool:
        """Whether the algorithm has all of these settings."""
        return all(name in self.config for name in settings)

    @property
    def gamma(self) -> float | None:
        """The discount, where the algorithm has one."""
        value = self.config.get("gamma")
        return float(value) if isinstance(value, (int, float)) else None


@dataclass(frozen=True)
class Mark:
    """What was known at one check, of the time since the one before: a few marks of the training, as one."""

    steps: int
    """Taken in the whole training."""
    episodes: Mapping[str, Any] = field(default_factory=dict)
    """A summary of those that ended; empty where none did. See the feed's event `episodes`."""
    metrics: Mapping[str, float] = field(default_factory=dict)
    """What the algorithm measured, by name: the means."""
    vitals: Mapping[str, float] = field(default_factory=dict)
    """What was looked at besides, by name; see `Vitals`."""


@dataclass(frozen=True)
class Episodes:
    """Several episodes, summed up."""

    count: int
    mean_return: float
    lowest_return: float
    highest_return: float
    std_return: float
    mean_length: float
    shortest: float
    longest: float
    mean_score: float | None
    """The game's own score, where it keeps one."""
    num_cut: int
    """How many were cut short (truncated)."""
    num_moments: int
    """In how many steps of the training they ended."""

    @property
    def value(self) -> float:
        """The mean score where the game keeps one, and otherwise the mean return."""
        return self.mean_return if self.mean_score is None else self.mean_score


@dataclass(frozen=True)
class RandomPlay:
    """What random actions bring in the environment."""

    mean_return: float
    mean_score: float | None
    episodes: int
    std_return: float | None = None

    @property
    def value(self) -> float:
        """The mean score where the game keeps one, and otherwise the mean return."""
        return self.mean_return if self.mean_score is None else self.mean_score


@dataclass(frozen=True)
class Checkup:
    """A training as a rule of health sees it: its subject, and all its checks until now."""

    subject: Subject
    marks: Sequence[Mark]
    """Of all checks, in their order; the last one is now."""
    random_play: RandomPlay | None = None
    """None where nobody has measured it."""
    error: str = ""
    """How the training has failed, if it has."""
    found: tuple[str, ...] = ()
    """Rules whose warnings are still seen, the first one first: what else is seen may follow from that."""
    memo: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    """What was summed up of these marks before, for them and for those that follow."""

    @property
    def steps(self) -> int:
        """Taken until now."""
        return self.marks[-1].steps if self.marks else 0

    @property
    def share_done(self) -> float:
        """How much of the training is done, from 0 to 1."""
        return min(1.0, self.steps / max(1, self.subject.total_steps))

    @property
    def is_warm(self) -> bool:
        """Whether the beginning is over in which numbers say little."""
        return self.share_done >= WARM_UP

    def metric(self, name: str, last: int = 1) -> float | None:
        """The mean of what the algorithm measured at the last checks; None where it does not, or not yet."""
        return _mean([mark.metrics.get(name) for mark in self.marks[-last:]])

    def vital(self, name: str, last: int = 1) -> float | None:
        """The mean of what was looked at, at the last checks; None where it was not."""
        return _mean([mark.vitals.get(name) for mark in self.marks[-last:]])

    def series(self, name: str, last: int | None = None) -> list[float]:
        """A metric or a vital over the last marks, or all, without those that lack it."""
        marks = self.marks if last is None else self.marks[-last:]
        found = (mark.metrics.get(name, mark.vitals.get(name)) for mark in marks)
        return [value for value in found if value is not None and math.isfinite(value)]

    def recent(self, at_least: int = _ENOUGH) -> Episodes | None:
        """The newest episodes, as many marks of them as hold enough; None where there are fewer."""
        key = ("recent", at_least, len(self.marks))
        if key not in self.memo:
            self.memo[key] = _enough(reversed(self.marks), at_least)
        found: Episodes | None = self.memo[key]
        return found

    def first(self, at_least: int = _ENOUGH) -> Episodes | None:
        """The first episodes, as many marks of them as hold enough; None where there are fewer."""
        key = ("first", at_least)
        if self.memo.get(key) is None:
            self.memo[key] = _enough(iter(self.marks), at_least)
        found: Episodes | None = self.memo[key]
        return found

    def all_episodes(self) -> Episodes | None:
        """Every episode until now; None where none has ended."""
        seen: int
        total: Episodes | None
        seen, total = self.memo.get("all", (0, None))
        for mark in self.marks[seen:]:
            if mark.episodes:
                total = sum_up([mark.episodes] if total is None else [vars(total), mark.episodes])
        self.memo["all"] = (len(self.marks), total)
        return total

    def best(self, at_least: int = _ENOUGH) -> tuple[float, int] | None:
        """The highest mean return of as many neighboring marks as hold enough episodes, and when it was.

        None where there were fewer.
        """
        key = ("best", at_least)
        seen: int
        best: tuple[float, int] | None
        seen, best, count, total = self.memo.get(key, (0, None, 0, 0.0))
        for mark in self.marks[seen:]:
            if mark.episodes:
                count += mark.episodes["count"]
                total += mark.episodes["count"] * _or_nan(mark.episodes.get("mean_return"))
            if count >= at_least:
                best = max(best or (-math.inf, 0), (total / count, mark.steps), key=lambda each: each[0])
                count, total = 0, 0.0
        self.memo[key] = (len(self.marks), best, count, total)
        return best

    def has_improved(self) -> bool:
        """Whether the newest episodes bring clearly more than the first did, or each more than their mean."""
        first, now = self.first(), self.recent()
        if first is None or now is None:
            return False
        gained = now.mean_return - first.mean_return
        is_much = gained > 0.25 * (first.highest_return - first.lowest_return)
        return is_much or now.lowest_return > first.mean_return

    def has_reached_its_goal(self) -> bool:
        """Whether the newest episodes bring what counts as solved; False where that is not known."""
        now = self.recent()
        return self.subject.goal is not None and now is not None and now.mean_return >= self.subject.goal

    def steps_since_an_end(self) -> int:
        """How many steps each environment has taken since an episode ended somewhere, or since the start."""
        ended = next((mark.steps for mark in reversed(self.marks) if mark.episodes), 0)
        return (self.steps - ended) // max(1, self.subject.num_envs)


def sum_up(summaries: Sequence[Mapping[str, Any]]) -> Episodes | None:
    """Several summaries of episodes as one; None of none."""
    if not summaries:
        return None
    count = num_cut = num_moments = 0
    returns = lengths = 0.0
    scores: float | None = 0.0
    lowest, highest, shortest, longest = math.inf, -math.inf, math.inf, -math.inf
    for each in summaries:
        number = each["count"]
        mean, length = _or_nan(each.get("mean_return")), _or_nan(each.get("mean_length"))
        score = each.get("mean_score")
        count += number
        returns += number * mean
        lengths += number * length
        scores = None if scores is None or score is None else scores + number * score
        lowest = min(lowest, _or(each.get("lowest_return"), mean))
        highest = max(highest, _or(each.get("highest_return"), mean))
        shortest = min(shortest, _or(each.get("shortest"), length))
        longest = max(longest, _or(each.get("longest"), length))
        num_cut += each.get("num_cut") or 0
        num_moments += each.get("num_moments") or 0
    return Episodes(
        count=count,
        mean_return=returns / count,
        lowest_return=lowest,
        highest_return=highest,
        std_return=_std(summaries, returns / count, count),
        mean_length=lengths / count,
        shortest=shortest,
        longest=longest,
        mean_score=None if scores is None else scores / count,
        num_cut=num_cut,
        num_moments=num_moments,
    )


def _std(summaries: Sequence[Mapping[str, Any]], mean: float, count: int) -> float:
    """The standard deviation of the returns of all; as far as the means tell where it is not known."""
    square = 0.0
    for each in summaries:
        std, apart = each.get("std_return") or 0.0, _or_nan(each.get("mean_return")) - mean
        square += each["count"] * (std * std + apart * apart)
    return math.sqrt(square / count)


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value


def _or(value: float | None, otherwise: float) -> float:
    return otherwise if value is None else value


def _enough(marks: Any, at_least: int) -> Episodes | None:
    group: list[Mapping[str, Any]] = []
    count = 0
    for mark in marks:
        if mark.episodes:
            group.append(mark.episodes)
            count += mark.episodes["count"]
        if count >= at_least:
            return sum_up(group)
    return None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None
