"""Saves the training now and then, and when it stops."""

from __future__ import annotations

import time

from csai_train.errors import CallbackError, CheckpointError
from csai_train.events import Callback, Epoch, Evaluation, Interval, Session
from csai_train.runs.checkpoints import JUDGES
from csai_train.runs.directory import RunDirectory

_CHECKPOINTS_PER_TRAINING = 10
_CHECKPOINTS_KEPT = 2
_LONGEST_UNSAVED_SECONDS = 300.0


class Checkpoints(Callback):
    """Keeps the newest states of a training in its run, and the best.

    The best is the one with the highest mean return: of the games of an evaluation where there are
    evaluations, otherwise of the last 100 episodes of the training, looked at each time a tenth of the
    training is done. On a dataset it is the one with the highest accuracy on the test set.

    A save that fails, as on a full disk, is warned of and tried again at the next one.

    Args:
        run: where to save. Its `checkpoint_every` says after how many steps each, and then all are kept;
            None saves ten times a training, and at least every five minutes, and keeps the newest two.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._run = run
        self._interval = Interval(1)
        self._steps_saved = self._steps_tried = -1
        self._saved_at = 0.0

    def start(self, training: Session) -> None:
        """Plan when to save."""
        every = self._run.checkpoint_every or training.total_steps // _CHECKPOINTS_PER_TRAINING
        self._interval = Interval(every, training.steps)
        self._steps_saved, self._steps_tried = training.steps, -1
        self._saved_at = time.monotonic()

    def step(self, training: Session) -> None:
        """Save when another part of the training is done, or the last save is long ago."""
        if self._interval.has_passed(training.steps):
            self._save(training)
            score = training.recent_return()
            if score is not None:
                self._judge(training, score, "training")
        elif time.monotonic() - self._saved_at > _LONGEST_UNSAVED_SECONDS:
            self._save(training)

    def evaluation(self, training: Session, evaluation: Evaluation) -> None:
        """From the first evaluation on, evaluations alone decide what is best."""
        self._judge(training, evaluation.mean_return, "evaluation")

    def epoch(self, training: Session, epoch: Epoch) -> None:
        """On a dataset, what the test set says after an epoch decides."""
        self._judge(training, epoch.test_accuracy, "test set")

    def stop(self, training: Session) -> None:
        """Save where the training stands, unless it stopped in the middle of a step."""
        if training.failure is None or isinstance(training.failure, CallbackError):
            self._save(training)

    def _save(self, training: Session) -> None:
        if training.steps in (self._steps_saved, self._steps_tried):
            return
        self._steps_tried = training.steps
        keep = None if self._run.checkpoint_every else _CHECKPOINTS_KEPT
        self._saved_at = time.monotonic()
        try:
            self._run.checkpoints.save(training.state_dict(), training.steps, keep=keep)
            self._steps_saved = training.steps
        except CheckpointError as error:
            training.warn(str(error))

    def _judge(self, training: Session, value: float, judged_by: str) -> None:
        """Name the present state the best if it is."""
        best = self._run.checkpoints.best()
        if best is not None and best["steps"] <= training.steps:  # not from a future that was undone
            present = (JUDGES.index(judged_by), value)
            if present <= (JUDGES.index(best["judged_by"]), best["value"]):
                return
        self._save(training)
        if self._steps_saved == training.steps:
            try:
                self._run.checkpoints.name_best(training.steps, value, judged_by)
            except CheckpointError as error:
                training.warn(str(error))
