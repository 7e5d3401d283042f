"""Writes what happens as TensorBoard events; needs `pip install csai-train[tensorboard]`."""

from __future__ import annotations

from typing import Any

from csai_core.errors import MissingExtraError
from csai_train.events import Callback, Episode, Evaluation, Interval, Session
from csai_train.runs.directory import RunDirectory

_POINTS_PER_TRAINING = 1_000


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
        self._interval = Interval(1)

    def start(self, training: Session) -> None:
        """Open the events file; what it holds about later steps is hidden."""
        self._interval = Interval(training.total_steps // _POINTS_PER_TRAINING, training.steps)
        self._writer = self._make_writer(str(self._directory), purge_step=training.steps + 1)

    def episode(self, training: Session, episode: Episode) -> None:
        """Write an episode's return, length and score."""
        self._writer.add_scalar("episode/return", episode.total_reward, episode.steps)
        self._writer.add_scalar("episode/length", episode.length, episode.steps)
        if episode.score is not None:
            self._writer.add_scalar("episode/score", episode.score, episode.steps)

    def step(self, training: Session) -> None:
        """Write now and then what the algorithm measured."""
        if self._interval.has_passed(training.steps):
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
