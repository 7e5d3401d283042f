"""Writes down what happens: the feed `events.jsonl`, and a table over time, `metrics.csv`."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from csai_core.errors import said
from csai_core.lines_file import LinesFile
from csai_train.events import Callback, Epoch, Evaluation, Session
from csai_train.health.finding import Finding
from csai_train.runs.events_file import EVENTS, SCHEMA, to_line
from csai_train.runs.metrics_file import METRICS, Row, append_row, read_table, write_table


class EventLog(Callback):
    """Appends one JSON object a line to `events.jsonl`; see `docs/runs.md`.

    Of episodes it writes a summary at each mark, so that the feed stays small however many there are. A full
    disk costs events, and a warning, but not the training.

    Args:
        directory: the run's.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / EVENTS
        self._file: LinesFile | None = None
        self._has_failed = False

    def start(self, training: Session) -> None:
        """Note the start; a line that a crash has torn is ended first."""
        self._has_failed = False
        try:
            self._file = LinesFile(self._path)
        except OSError as error:
            self._tell(training, error)
        self._write(
            training,
            "start",
            schema=SCHEMA,
            total_steps=training.total_steps,
            process=os.getpid(),
            computing=training.describe(),
        )

    def mark(self, training: Session) -> None:
        """Note what episodes have ended since the last mark, and what the algorithm measured."""
        if episodes := training.episodes_since_mark():
            self._write(training, "episodes", **episodes)
        if training.metrics:
            self._write(training, "update", metrics=_plain(training.metrics))

    def evaluation(self, training: Session, evaluation: Evaluation) -> None:
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

    def vitals(self, training: Session, vitals: Mapping[str, float]) -> None:
        """Note what the rules of health are asked by, so that they can be asked again."""
        self._write(training, "vitals", vitals=_rounded(vitals))

    def finding(self, training: Session, finding: Finding) -> None:
        """Note what a rule of health has found."""
        values = asdict(finding)
        del values["steps"], values["gone_since"]
        self._write(training, "health", **values)

    def recovered(self, training: Session, finding: Finding) -> None:
        """Note that a finding is not seen any more."""
        self._write(training, "recovered", rule=finding.rule)

    def returned(self, training: Session, finding: Finding) -> None:
        """Note that one is seen once more that was told often enough."""
        self._write(training, "returned", rule=finding.rule)

    def warning(self, training: Session, message: str) -> None:
        """Note what went wrong."""
        self._write(training, "warning", message=message)

    def stop(self, training: Session) -> None:
        """Note how it ended, and close the file."""
        if self._file is None:
            return
        error = None if training.failure is None else said(training.failure)
        reason = "failed" if error else "complete" if training.is_complete else "stopped"
        self._write(training, "stop", reason=reason, error=error, unlearned=training.num_unlearned)
        self._file.close()
        self._file = None

    def _write(self, training: Session, event: str, **values: Any) -> None:
        if self._file is None:
            return
        try:
            self._file.write(to_line(event, training.steps, {"time": time.time(), **values}).encode())
        except OSError as error:
            self._tell(training, error)

    def _tell(self, training: Session, error: OSError) -> None:
        """Warn of missing events, once."""
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
        self._rows: list[Row] = []
        self._is_written = False

    def start(self, training: Session) -> None:
        """Begin the table, or go on with the rows up to the step that is gone on from."""
        self._rows = [row for row in read_table(self._path) if int(row["steps"]) <= training.steps]
        self._is_written = False

    def mark(self, training: Session) -> None:
        """Add a row."""
        self._rows.append(_row(training))
        try:
            self._write()
        except OSError as error:
            self._is_written = False  # the next row brings all of them along
            training.warn(f"{self._path} could not be written: {error}.")

    def _write(self) -> None:
        """Append the last row, or write all of them again where the file lacks a column or has other rows."""
        if self._is_written and self._rows[-1].keys() <= self._rows[0].keys():
            self._rows[-1] = {name: self._rows[-1].get(name, "") for name in self._rows[0]}
            append_row(self._path, self._rows[-1])
            return
        columns = list(dict.fromkeys(name for row in self._rows for name in row))
        self._rows = [{name: row.get(name, "") for name in columns} for row in self._rows]
        write_table(self._path, self._rows)
        self._is_written = True


def _row(training: Session) -> Row:
    return {
        "steps": str(training.steps),
        **training.metrics_row(),
        **{name: f"{value:.6g}" for name, value in training.metrics.items()},
    }


def _rounded(vitals: Mapping[str, float]) -> dict[str, float]:
    return {name: float(f"{value:.4g}") for name, value in vitals.items()}


def _plain(metrics: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in metrics.items()}
