"""Writes what happens as TensorBoard events; needs `pip install csai-train[tensorboard]`."""

from __future__ import annotations

from typing import Any

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

    def start(self, training: Session) -> None:
        """Open the events file; what it holds about later steps is hidden."""
        self._writer = self._make_writer(str(self._directory), purge_step=training.steps + 1)

    def mark(self, training: Session) -> None:
        """Write the means of the episodes since the last mark, and what the algorithm measured."""
        episodes = training.episodes_since_mark()
        means = {name: episodes.get(f"mean_{name}") for name in ("return", "length", "score")}
        for name, mean in means.items():
            if mean is not None:
                self._writer.add_scalar(f"episode/{name}", mean, training.steps)
        for name, value in training.metrics.items():
            self._writer.add_scalar(f"update/{name}", value, training.steps)

    def evaluation(self, training: Session, evaluation: Evaluation) -> None:
        """Write an evaluation's mean return."""
        self._writer.add_scalar("evaluation/mean_return", evaluation.mean_return, training.steps)

    def stop(self, training: Session) -> None:
        """Close the events file."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _find_writer() -> Any:
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise MissingExtraError(
            "The callback 'tensorboard' needs TensorBoard: pip install 'csai-train[tensorboard]'"
        ) from error
    return SummaryWriter
