"""What a callback may listen to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from csai_train.datasets.learning.history import Epoch
    from csai_train.datasets.learning.training import DatasetTraining
    from csai_train.evaluation.evaluate import Evaluation
    from csai_train.training.loop import Episode, Training


class Callback:
    """Told of what happens in a training; a subclass overrides what it wants to hear of.

    What is not overridden is never called, so listening to episodes costs a step nothing. When a method
    raises, the training stops cleanly, between two steps, with everything saved.

    Between `start` and `stop` come, for each step: `update` if something was learned, `episode` for each
    episode that ended, then `step`.
    """

    def start(self, training: Training) -> None:
        """The training starts, or goes on after it was stopped."""

    def step(self, training: Training) -> None:
        """Every environment has taken a step, or a batch was learned; `training.steps` counts them all."""

    def update(self, training: Training, metrics: Mapping[str, float]) -> None:
        """The algorithm has learned from the step, and measured this."""

    def episode(self, training: Training, episode: Episode) -> None:
        """An episode has ended."""

    def evaluation(self, training: Training, evaluation: Evaluation) -> None:
        """The agent was judged on games of their own, outside of the training."""

    def epoch(self, training: DatasetTraining, epoch: Epoch) -> None:
        """A training on a dataset has seen every example once more, and the network was tested."""

    def warning(self, training: Training, message: str) -> None:
        """Something went wrong that the training gets over."""

    def stop(self, training: Training) -> None:
        """The training has come to its end, was asked to stop, or failed (`training.failure`)."""
