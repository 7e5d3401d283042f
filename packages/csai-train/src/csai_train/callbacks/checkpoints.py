"""Saves the training now and then, and when it stops."""

from __future__ import annotations

import time
from functools import partial

from csai_train.errors import CheckpointError, UnsavableError
from csai_train.events import Callback, Epoch, Evaluation, Session
from csai_train.marks import Interval
from csai_train.runs.checkpoints import JUDGES, Best
from csai_train.runs.directory import RunDirectory

_CHECKPOINTS_PER_TRAINING = 10
_CHECKPOINTS_KEPT = 2
_LONGEST_UNSAVED_SECONDS = 300.0


class Checkpoints(Callback):
    """Keeps the newest states of a training in its run, and the best.

    The best is the one with the highest mean return: of the games of an evaluation where there are
    evaluations, otherwise of the last 100 episodes of the training, looked at each time a tenth of the
    training is done. On a dataset it is the one with the highest accuracy on the test set.

    What a step is judged by is heard before the state after it is saved, and the best so far stands in every
    checkpoint. So a training that is killed at any moment, and goes on, ends with the same best.

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
        self._best: Best | None = None
        """The best of what is saved."""
        self._better: Best | None = None
        """The present state, if it is better and not saved yet."""
        self._has_stopped = False

    def start(self, training: Session) -> None:
        """Plan when to save, and know again what was the best."""
        every = self._run.checkpoint_every or training.total_steps // _CHECKPOINTS_PER_TRAINING
        self._interval = Interval(every, training.steps)
        self._steps_saved, self._steps_tried = training.steps, -1
        self._saved_at = time.monotonic()
        self._best, self._better = self._run.checkpoints.best_at(training.steps), None
        self._has_stopped = False
        if self._best is not None and self._best != self._run.checkpoints.best():
            self._name(training, self._best)

    def step(self, training: Session) -> None:
        """Save what is the best, when another part of the training is done, or the last save is long ago."""
        is_due = self._interval.has_passed(training.steps)
        score = training.recent_return() if is_due else None
        if score is not None:
            self._judge(training, score, "training")
        if is_due or self._better or time.monotonic() - self._saved_at > _LONGEST_UNSAVED_SECONDS:
            self._save(training)

    def evaluation(self, training: Session, evaluation: Evaluation) -> None:
        """From the first evaluation on, evaluations alone decide what is best."""
        self._judge(training, evaluation.mean_return, "evaluation")

    def epoch(self, training: Session, epoch: Epoch) -> None:
        """On a dataset, what the test set says after an epoch decides."""
        self._judge(training, epoch.test_accuracy, "test set")

    def stop(self, training: Session) -> None:
        """Save where the training stands, unless it stopped in the middle of a step."""
        if training.can_be_saved:
            self._save(training)
        self._has_stopped = True

    def _judge(self, training: Session, value: float, judged_by: str) -> None:
        """Take the present state for the best if it is; it is saved after the step."""
        best = self._better or self._best
        present = (JUDGES.index(judged_by), value)
        if best is not None and present <= (JUDGES.index(best["judged_by"]), best["value"]):
            return
        self._better = {"steps": training.steps, "value": value, "judged_by": judged_by}
        if self._has_stopped:
            self._save(training)

    def _save(self, training: Session) -> None:
        training.save_with(partial(self._write, training))

    def _write(self, training: Session) -> None:
        """Write a checkpoint unless there is one of the same state and the same best."""
        if self._better and self._better["steps"] != training.steps:
            self._better = None  # the disk was full when it was the present state
        if training.steps == self._steps_tried or (training.steps == self._steps_saved and not self._better):
            return
        self._steps_tried = training.steps
        keep = None if self._run.checkpoint_every else _CHECKPOINTS_KEPT
        self._saved_at = time.monotonic()
        best = self._better or self._best
        try:
            self._run.checkpoints.save(training.state_dict(), training.steps, keep=keep, best=best)
        except UnsavableError:
            raise
        except CheckpointError as error:
            training.warn(str(error))
            return
        self._steps_saved, self._best = training.steps, best
        if self._better:
            self._better = None
            self._name(training, best)

    def _name(self, training: Session, best: Best | None) -> None:
        try:
            self._run.checkpoints.name_best(best)
        except CheckpointError as error:
            training.warn(str(error))
