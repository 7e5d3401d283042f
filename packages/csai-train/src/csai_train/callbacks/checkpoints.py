"""Saves the training now and then, and when it stops."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING

from csai_train.callbacks.callback import Callback
from csai_train.errors import CheckpointError, NonFiniteError

if TYPE_CHECKING:
    from csai_train.runs.run import Run
    from csai_train.training import Training

_CHECKPOINTS_PER_TRAINING = 10


class Checkpoints(Callback):
    """Keeps the newest states of a training in its run.

    A save that fails, as on a full disk, is warned of and tried again at the next one.

    Args:
        run: where to save.
    """

    def __init__(self, run: Run) -> None:
        self._run = run

    def step(self, training: Training) -> None:
        """Save when another tenth of the training is done."""
        interval = max(1, training.total_steps // _CHECKPOINTS_PER_TRAINING)
        if training.steps // interval > (training.steps - training.envs.num_envs) // interval:
            self._save(training)

    def stop(self, training: Training) -> None:
        """Save where the training stands, unless it stopped because its numbers were no numbers."""
        if not isinstance(sys.exception(), NonFiniteError):
            self._save(training)

    def _save(self, training: Training) -> None:
        try:
            self._run.save(training)
        except CheckpointError as error:
            warnings.warn(str(error), stacklevel=2)
