"""What evaluations beside a run have found: of its newest agent, and of random play, for lists and curves.

Both files are derived: one that is missing or damaged, and an agent's of earlier steps, is as none.
"""

from __future__ import annotations

import json
import math
from contextlib import suppress
from dataclasses import asdict, dataclass

from csai_core import storage
from csai_core.decoding import parse_json, read_bytes
from csai_core.schema import Schema, check, is_count, is_number, is_whole, optional
from csai_train.events import Evaluation, interval_of_mean
from csai_train.runs.directory import RunDirectory

EVALUATION, RANDOM_PLAY = "evaluation.json", "random_play.json"
_LARGEST = 10_000
"""Bytes."""
_SCHEMA: Schema = {
    "steps": is_whole,
    "episodes": is_count,
    "mean_return": is_number,
    "mean_score": optional(is_number),
    "std_return": optional(is_number),
    "mean_length": optional(is_number),
}


@dataclass(frozen=True)
class EvaluationSummary:
    """How an agent has played, on average."""

    steps: int
    """After how many steps of its training."""
    episodes: int
    mean_return: float
    mean_score: float | None
    std_return: float | None = None
    """The standard deviation of the returns."""
    mean_length: float | None = None
    """Of the games, in steps."""

    @property
    def value(self) -> float:
        """The game's own score where it keeps one, and otherwise the return."""
        return self.mean_return if self.mean_score is None else self.mean_score

    @property
    def interval_return(self) -> tuple[float, float]:
        """The 95% confidence interval of the mean return; both ends are NaN where it is not known."""
        if self.std_return is None:
            return math.nan, math.nan
        return interval_of_mean(self.mean_return, self.std_return, self.episodes)

    @property
    def games(self) -> str:
        """Of how many games it is the mean, in words."""
        return f"{self.episodes} game{'s' if self.episodes > 1 else ''}"


def write_evaluation(run: RunDirectory, evaluation: Evaluation) -> None:
    """Keep what was found of the newest checkpoint, if it can be written."""
    _write(run, EVALUATION, evaluation)


def write_random_play(run: RunDirectory, evaluation: Evaluation) -> None:
    """Keep what random actions bring in a run's environment, if it can be written."""
    _write(run, RANDOM_PLAY, evaluation)


def read_evaluation(run: RunDirectory) -> EvaluationSummary | None:
    """What was found of the newest checkpoint; None where that was not evaluated."""
    summary = _read(run, EVALUATION)
    return summary if summary is not None and summary.steps == run.steps_taken() else None


def read_random_play(run: RunDirectory) -> EvaluationSummary | None:
    """What random actions bring in a run's environment; None where that was not measured."""
    return _read(run, RANDOM_PLAY)


def _write(run: RunDirectory, name: str, evaluation: Evaluation) -> None:
    found = EvaluationSummary(
        run.steps_taken(),
        len(evaluation.returns),
        evaluation.mean_return,
        evaluation.mean_score,
        evaluation.std_return,
        evaluation.mean_length,
    )
    with suppress(OSError):
        storage.write(run.path / name, json.dumps(asdict(found)) + "\n")


def _read(run: RunDirectory, name: str) -> EvaluationSummary | None:
    try:
        found = parse_json(read_bytes(run.path / name, at_most=_LARGEST, follow_links=False))
        check(found, _SCHEMA)
    except (OSError, ValueError):
        return None
    return EvaluationSummary(**{field: found.get(field) for field in _SCHEMA})
