"""Which kind of training is better, by what the agents of its seeds have reached."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from csai_core.arguments import check_type
from csai_core.terminal import as_typed
from csai_train.comparison.statistics import (
    Floats,
    chance_of_difference,
    interquartile_mean,
    interval,
    interval_of_improvement,
    probability_of_improvement,
)
from csai_train.errors import RunError
from csai_train.runs.evaluation_file import EvaluationSummary, read_evaluation
from csai_train.runs.kinds import differences, grouped, kind_of, labels_of
from csai_train.runs.run import Run

FEWEST_SEEDS = 3
"""From how many seeds on something is claimed."""
LIKELIEST_CHANCE = 0.05
"""How often chance may make such a difference at most, where one is called better."""


@dataclass(frozen=True)
class Sample:
    """What trainings have reached that differ by their seed alone."""

    label: str
    runs: Sequence[Run]
    values: Floats
    """(seeds,): of each run the mean of its last evaluation."""

    @property
    def mean(self) -> float:
        """The mean over the seeds."""
        return float(self.values.mean())

    @property
    def interquartile_mean(self) -> float:
        """The mean over the middle half of the seeds."""
        return float(interquartile_mean(self.values))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% confidence interval of the interquartile mean; both ends are NaN for one seed."""
        return interval(self.values, interquartile_mean)


@dataclass(frozen=True)
class Pair:
    """One kind of training beside another."""

    first: Sample
    second: Sample

    @property
    def probability(self) -> float:
        """How often a seed of the first reaches more than one of the second; an equal pair counts half."""
        return float(probability_of_improvement(self.first.values, self.second.values))

    @property
    def interval(self) -> tuple[float, float]:
        """The 95% confidence interval of `probability`; both ends are NaN for one seed."""
        return interval_of_improvement(self.first.values, self.second.values)

    @property
    def chance(self) -> float:
        """How often seeds of one kind, dealt out by chance, differ as much."""
        return chance_of_difference(self.first.values, self.second.values)

    @property
    def has_enough_seeds(self) -> bool:
        """Whether anything can be claimed."""
        return min(len(self.first.runs), len(self.second.runs)) >= FEWEST_SEEDS

    @property
    def better(self) -> Sample | None:
        """The one that is better, unless chance may have made the difference; None where that may be."""
        if not self.has_enough_seeds or self.chance > LIKELIEST_CHANCE:
            return None
        return self.first if self.probability > 0.5 else self.second

    @property
    def swapped(self) -> Pair:
        """The same two, the second first."""
        return Pair(self.second, self.first)


@dataclass(frozen=True)
class Comparison:
    """Kinds of trainings in one environment, side by side."""

    environment: str
    """The id of the environment."""
    measure: str
    """What the values are: "score" or "return"."""
    samples: Sequence[Sample]
    differences: dict[str, list[str]]
    """In which settings they differ, and what each sample has there."""

    @property
    def pairs(self) -> list[Pair]:
        """Each two of them, in their order."""
        return [Pair(*each) for each in combinations(self.samples, 2)]


def compare(runs: Sequence[str | os.PathLike[str] | Run]) -> Comparison:
    """Put runs side by side that were trained in one environment; those of one kind are a sample.

    Args:
        runs: or their directories; finished, and each evaluated, as `csai train` does at its end.

    Raises:
        RunError: if there are none, one is not finished, was not evaluated or is there twice, or they are of
            several environments.
    """
    check_type("compare", "runs", runs, (list, tuple), "a list of runs or of their folders")
    for each in runs:
        check_type("compare", "runs", each, (str, os.PathLike, Run), "runs or their folders")
    opened = [each if isinstance(each, Run) else Run.open(each) for each in runs]
    if not opened:
        raise RunError("There are no runs to compare.")
    _require_one_environment(opened)
    found = [_evaluation(run) for run in opened]
    has_scores = all(each.mean_score is not None for each in found)
    value = {
        run.path: each.value if has_scores else each.mean_return
        for run, each in zip(opened, found, strict=True)
    }
    groups = grouped(opened, kind_of)
    for members in groups:
        _require_different(members)
    samples = [
        Sample(label, members, np.array([value[run.path] for run in members]))
        for label, members in zip(labels_of(groups), groups, strict=True)
    ]
    measure = "score" if has_scores else "return"
    return Comparison(opened[0].environment_id, measure, samples, differences(groups))


def _require_different(members: Sequence[Run]) -> None:
    """Refuse what would count one training twice."""
    by_seed: dict[int, Run] = {}
    for run in members:
        other = by_seed.setdefault(run.seed, run)
        if other is not run:
            raise RunError(
                f"{other.path} and {run.path} are the same training, with the seed {run.seed}, and would "
                "count twice. Leave one of them out."
            )


def _require_one_environment(runs: Sequence[Run]) -> None:
    first = runs[0]
    for run in runs:
        if run.config["environment"] != first.config["environment"]:
            is_same = run.environment_id == first.environment_id
            how = ", with other options or wrappers" if is_same else ""
            raise RunError(
                f"{run.path} was trained in {run.environment_id}, {first.path} in "
                f"{first.environment_id}{how}: what they reach cannot be compared."
            )


def _evaluation(run: Run) -> EvaluationSummary:
    taken = run.steps_taken()
    if taken < run.total_steps and run.total_episodes is None:
        raise RunError(
            f"{run.path} has taken {taken:,} of {run.total_steps:,} steps. Finish it with "
            f"csai train --resume {as_typed(run.path)}, or leave it out."
        )
    found = read_evaluation(run)
    if found is None:
        raise RunError(f"{run.path} was not evaluated. Do it with: csai evaluate {as_typed(run.path)}")
    return found
