"""What a notebook shows of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_core import notebooks
from csai_train.errors import RunError
from csai_train.runs.evaluation_file import read_evaluation, read_random_play
from csai_train.runs.fork import Fork
from csai_train.runs.measurements import Measurements
from csai_train.runs.status import status_of

if TYPE_CHECKING:
    from csai_train.runs.run import Run


def run_card(run: Run) -> str:
    """What was trained where, how far it has come, how well it plays, and its curve, from its files."""
    status, evaluation, by_chance, fork = (
        status_of(run),
        read_evaluation(run),
        read_random_play(run),
        Fork.of(run),
    )
    facts: dict[str, object] = {
        "run": run.path,
        "state": f"{status.state}, {status.steps:,} of {run.total_steps:,} steps",
        "plays": "" if evaluation is None else f"{evaluation.value:.4g}, mean of {evaluation.games}",
        "at random": "" if by_chance is None else f"{by_chance.value:.4g}",
        "forked from": "" if fork is None else f"{fork.run} after {fork.steps:,} steps: {fork.difference()}",
        "seed": run.seed,
    }
    return notebooks.card(f"{run.algorithm_name} in {run.environment_id}", facts, _curve(run))


def _curve(run: Run) -> str:
    try:
        steps, means = Measurements(run).series("return")
    except RunError:  # no episode has ended yet
        return ""
    points = list(zip(steps.tolist(), means.tolist(), strict=True))
    return notebooks.curve(points, f"mean return over {run.total_steps:,} steps")
