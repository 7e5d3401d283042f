"""What the last evaluation of a run's newest agent has found: evaluation.json, for lists of runs.

It is derived: one that is missing, damaged or of earlier steps is as none.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass

from csai_core import storage
from csai_core.decoding import parse_json, read_bytes
from csai_train.events import Evaluation
from csai_train.runs.directory import RunDirectory
from csai_train.runs.schema import Schema, check, is_count, is_number, is_whole, optional

EVALUATION = "evaluation.json"
_LARGEST = 10_000
"""Bytes."""
_SCHEMA: Schema = {
    "steps": is_whole,
    "episodes": is_count,
    "mean_return": is_number,
    "mean_score": optional(is_number),
}


@dataclass(frozen=True)
class EvaluationSummary:
    """How an agent has played, on average."""

    steps: int
    """After how many steps of its training."""
    episodes: int
    mean_return: float
    mean_score: float | None

    @property
    def value(self) -> float:
        """The game's own score where it keeps one, and otherwise the return."""
        return self.mean_return if self.mean_score is None else self.mean_score


def write_evaluation(run: RunDirectory, evaluation: Evaluation) -> None:
    """Keep what was found of the newest checkpoint, if it can be written."""
    found = EvaluationSummary(
        run.steps_taken(), len(evaluation.returns), evaluation.mean_return, evaluation.mean_score
    )
    with suppress(OSError):
        storage.write(run.path / EVALUATION, json.dumps(asdict(found)) + "\n")


def read_evaluation(run: RunDirectory) -> EvaluationSummary | None:
    """What was found of the newest checkpoint; None where that was not evaluated."""
    try:
        found = parse_json(read_bytes(run.path / EVALUATION, at_most=_LARGEST, follow_links=False))
        check(found, _SCHEMA)
    except (OSError, ValueError):
        return None
    summary = EvaluationSummary(**{name: found[name] for name in _SCHEMA})
    return summary if summary.steps == run.steps_taken() else None
