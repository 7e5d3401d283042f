"""Judges the agent now and then, on games of its own outside of the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_train.callbacks.registry import require_agent
from csai_train.evaluation.evaluate import evaluate
from csai_train.events import Callback
from csai_train.marks import Interval
from csai_train.runs.run import Run

if TYPE_CHECKING:
    from csai_train.training.loop import Training

_SEED = 2_000_000
"""Of the first game; the games of the report at the end of a training are others."""


class Evaluations(Callback):
    """Lets the agent play the same games ten times a training, doing what it thinks best.

    The state that plays best is kept as the run's best checkpoint.

    Args:
        run: whose environment to play in.
        episodes: how many games each time. More judge more exactly and take longer.
        per_training: how many times.

    Raises:
        ConfigError: if no agent is trained in the run.
    """

    def __init__(self, run: Run, episodes: int = 20, per_training: int = 10) -> None:
        require_agent(run, "evaluation")
        self._run = run
        self._episodes = episodes
        self._per_training = per_training
        self._interval = Interval(1)

    def start(self, training: Training) -> None:
        """Plan when to evaluate."""
        self._interval = Interval(training.total_steps // self._per_training, training.steps)

    def step(self, training: Training) -> None:
        """Evaluate when it is time to, and report it."""
        if self._interval.has_passed(training.steps):
            training.emit("evaluation", evaluate(training, self._run.environment, self._episodes, _SEED))
