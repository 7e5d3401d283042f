"""Writes what happens as TensorBoard events; needs `pip install csai-train[tensorboard]`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from csai_core import directory_handle
from csai_core.errors import MissingExtraError
from csai_train.events import Callback, Evaluation, Session
from csai_train.runs.directory import RunDirectory


class TensorBoard(Callback):
    """Writes returns, lengths, scores, measurements and evaluations to `tensorboard/` in a run.

    Look at them with: tensorboard --logdir runs

    Args:
        run: where to write.

    Raises:
        MissingExtraError: if TensorBoard is not installed.
    """

    def __init__(self, run: RunDirectory) -> None:
        self._directory = run.path / "tensorboard"
        self._make_writer = _find_writer()
        self._writer: Any = None
        self._has_failed = False

    def start(self, training: Session) -> None:
        """Open the events file; what it holds about later steps is hidden."""
        self._has_failed = False
        self._try(training, lambda: self._open(training.steps + 1))

    def mark(self, training: Session) -> None:
        """Write the means of the episodes since the last mark, and what the algorithm measured."""
        episodes = training.episodes_since_mark()
        means = {f"episode/{name}": episodes.get(f"mean_{name}") for name in ("return", "length", "score")}
        self._write(training, {name: mean for name, mean in means.items() if mean is not None})
        self._write(training, {f"update/{name}": value for name, value in training.metrics.items()})

    def evaluation(self, training: Session, evaluation: Evaluation) -> None:
        """Write an evaluation's mean return."""
        self._write(training, {"evaluation/mean_return": evaluation.mean_return})

    def stop(self, training: Session) -> None:
        """Close the events file."""
        writer, self._writer = self._writer, None
        if writer is not None:
            self._try(training, writer.close)

    def _open(self, first_step: int) -> None:
        self._writer = self._make_writer(str(self._directory), purge_step=first_step)

    def _write(self, training: Session, scalars: Mapping[str, float]) -> None:
        for name, value in scalars.items():
            if self._writer is not None:
                self._try(training, partial(self._writer.add_scalar, name, value, training.steps))

    def _try(self, training: Session, action: Callable[[], Any]) -> None:
        """Do it, unless the run's folder is gone; a full disk costs events, not the training."""
        directory_handle.check(self._directory)
        try:
            action()
        except OSError as error:
            if not self._has_failed:
                self._has_failed = True
                where = f"{self._directory} could not be written, so events are missing there"
                training.warn(f"{where}: {error}.")


def _find_writer() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtraError(
            "The callback 'tensorboard' needs TensorBoard: pip install 'csai-train[tensorboard]'"
        ) from error
    return SummaryWriter
