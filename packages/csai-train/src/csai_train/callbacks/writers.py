"""Writes down what happens: the feed `events.jsonl`, and a table over time, `metrics.csv`."""

from __future__ import annotations

import csv
import io
import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from csai_core import storage
from csai_train.callbacks.callback import Callback
from csai_train.runs.events_file import EVENTS, SCHEMA, to_line

if TYPE_CHECKING:
    from csai_train.datasets.learning.history import Epoch
    from csai_train.evaluation.evaluate import Evaluation
    from csai_train.events import Session
    from csai_train.training.loop import Episode, Training

METRICS = "metrics.csv"
_ROWS_PER_TRAINING = 200


class Interval:
    """Tells when another part of a training is done, at the same steps however often it was stopped.

    Args:
        every: how many steps a part has.
        steps: how many have been taken already.
    """

    def __init__(self, every: int, steps: int = 0) -> None:
        self._every = max(1, every)
        self._next = (steps // self._every + 1) * self._every

    def has_passed(self, steps: int) -> bool:
        """Whether a part was completed since this last said so."""
        if steps < self._next:
            return False
        self._next = (steps // self._every + 1) * self._every
        return True


class EventLog(Callback):
    """Appends one JSON object a line to `events.jsonl`; see `docs/runs.md`.

    A full disk costs events, and a warning, but not the training.

    Args:
        directory: the run's.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / EVENTS
        self._file: BinaryIO | None = None
        self._interval = Interval(1)
        self._has_failed = False

    def start(self, training: Session) -> None:
        """Note the start; a line that a crash has torn is ended first."""
        self._interval = Interval(training.total_steps // _ROWS_PER_TRAINING, training.steps)
        self._has_failed = False
        self._file = self._path.open("ab+", buffering=0)
        if self._file.tell():
            self._file.seek(-1, os.SEEK_END)
            if self._file.read(1) != b"\n":
                self._file.write(b"\n")
        self._write(training, "start", schema=SCHEMA, total_steps=training.total_steps, process=os.getpid())

    def episode(self, training: Training, episode: Episode) -> None:
        """Note an episode."""
        self._write(
            training,
            "episode",
            total_reward=episode.total_reward,
            length=episode.length,
            score=episode.score,
        )

    def step(self, training: Session) -> None:
        """Note now and then what the algorithm measured."""
        if self._interval.has_passed(training.steps) and training.metrics:
            self._write(training, "update", **{"time": time.time(), "metrics": _plain(training.metrics)})

    def evaluation(self, training: Training, evaluation: Evaluation) -> None:
        """Note how well the agent played."""
        self._write(
            training,
            "evaluation",
            mean_return=evaluation.mean_return,
            std_return=evaluation.std_return,
            episodes=len(evaluation.returns),
        )

    def epoch(self, training: Session, epoch: Epoch) -> None:
        """Note what all examples, seen once more, have brought."""
        self._write(training, "epoch", **asdict(epoch))

    def warning(self, training: Session, message: str) -> None:
        """Note what went wrong."""
        self._write(training, "warning", message=message)

    def stop(self, training: Session) -> None:
        """Note how it ended, and close the file."""
        if self._file is None:
            return
        error = None if training.failure is None else f"{type(training.failure).__name__}: {training.failure}"
        reason = "failed" if error else "complete" if training.is_complete else "stopped"
        self._write(training, "stop", reason=reason, error=error)
        self._file.close()
        self._file = None

    def _write(self, training: Session, event: str, **values: Any) -> None:
        if self._file is None:
            return
        if event != "episode":
            values.setdefault("time", time.time())
        try:
            self._file.write(to_line(event, training.steps, values).encode())
        except OSError as error:
            if not self._has_failed:
                self._has_failed = True
                training.warn(f"{self._path} could not be written, so events are missing from it: {error}.")


class MetricsTable(Callback):
    """Keeps `metrics.csv`: a row now and then, with how far the training is and what was measured.

    Args:
        directory: the run's.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / METRICS
        self._rows: list[dict[str, str]] = []
        self._interval = Interval(1)
        self._is_written = False

    def start(self, training: Session) -> None:
        """Begin the table, or go on with the rows up to the step that is gone on from."""
        self._interval = Interval(training.total_steps // _ROWS_PER_TRAINING, training.steps)
        self._rows = [row for row in read_table(self._path) if int(row["steps"]) <= training.steps]
        self._is_written = False

    def step(self, training: Session) -> None:
        """Add a row when it is time to, and after the last step."""
        if self._interval.has_passed(training.steps) or training.is_complete:
            self._rows.append(_row(training))
            try:
                self._write()
            except OSError as error:
                self._is_written = False  # the next row brings all of them along
                training.warn(f"{self._path} could not be written: {error}.")

    def _write(self) -> None:
        """Append the last row, or write all anew where the file has other columns or other rows."""
        columns = list(dict.fromkeys(name for row in self._rows for name in row))
        if self._is_written and list(self._rows[-1]) == list(self._rows[0]):
            with self._path.open("ab") as file:
                file.write(_to_csv(columns, self._rows[-1:]))
            return
        self._rows = [{name: row.get(name, "") for name in columns} for row in self._rows]
        header = dict(zip(columns, columns, strict=True))
        storage.write(self._path, _to_csv(columns, [header, *self._rows]))
        self._is_written = True


def read_table(path: Path) -> list[dict[str, str]]:
    """The rows of a `metrics.csv`; none where there is no file, and without a torn last row."""
    try:
        text = path.read_text()
    except OSError:
        return []
    whole = text[: text.rfind("\n") + 1]
    return [row for row in csv.DictReader(io.StringIO(whole)) if row.get("steps", "").isdigit()]


def _row(training: Session) -> dict[str, str]:
    return {
        "steps": str(training.steps),
        **training.metrics_row(),
        **{name: f"{value:.6g}" for name, value in training.metrics.items()},
    }


def _to_csv(columns: list[str], rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    csv.DictWriter(text, columns, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _plain(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items()}
