"""Writes down what happens: every episode in `events.jsonl`, a table over time in `metrics.csv`."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from csai_train.callbacks.callback import Callback

if TYPE_CHECKING:
    from csai_train.training import Episode, Training

EVENTS, METRICS = "events.jsonl", "metrics.csv"
_ROWS_PER_TRAINING = 200


class EventLog(Callback):
    """Appends one JSON object a line to `events.jsonl`: starts, episodes, and why it stopped.

    Args:
        directory: the run's.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / EVENTS
        self._file: TextIO | None = None

    def start(self, training: Training) -> None:
        """Note the start; events after the step that is gone on from never happened, and go."""
        if self._path.exists():
            kept = [event for event in read_events(self._path) if event["steps"] <= training.steps]
            self._path.write_text("".join(json.dumps(event) + "\n" for event in kept))
        self._file = self._path.open("a", buffering=1)
        self._write("start", training.steps, total_steps=training.total_steps, time=time.time())

    def episode(self, training: Training, episode: Episode) -> None:
        """Note an episode."""
        self._write(
            "episode",
            episode.steps,
            total_reward=episode.total_reward,
            length=episode.length,
            score=episode.score,
        )

    def stop(self, training: Training) -> None:
        """Note the end and close the file."""
        if self._file is not None:
            self._write("stop", training.steps, total_steps=training.total_steps, time=time.time())
            self._file.close()
            self._file = None

    def _write(self, event: str, steps: int, **values: Any) -> None:
        if self._file is not None:
            self._file.write(json.dumps({"event": event, "steps": steps, **values}) + "\n")


class MetricsTable(Callback):
    """Keeps `metrics.csv`: a row now and then, with the last 100 episodes' means and what was measured.

    Args:
        directory: the run's.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / METRICS
        self._rows: list[dict[str, Any]] = []
        self._interval = 1

    def start(self, training: Training) -> None:
        """Begin the table, or go on with the rows up to the step that is gone on from."""
        self._interval = max(1, training.total_steps // _ROWS_PER_TRAINING)
        if self._path.exists():
            with self._path.open(newline="") as file:
                self._rows = [row for row in csv.DictReader(file) if int(row["steps"]) <= training.steps]

    def step(self, training: Training) -> None:
        """Add a row when it is time to."""
        before = training.steps - training.envs.num_envs
        if training.steps // self._interval > before // self._interval:
            self._add_row(training)

    def stop(self, training: Training) -> None:
        """Add the last row."""
        if training.steps and (not self._rows or int(self._rows[-1]["steps"]) < training.steps):
            self._add_row(training)

    def _add_row(self, training: Training) -> None:
        row = {"steps": training.steps, "episodes": training.num_episodes, **_means(training)}
        row.update({name: f"{value:.6g}" for name, value in training.metrics.items()})
        is_as_wide = bool(self._rows) and self._rows[0].keys() == row.keys() and self._path.exists()
        self._rows.append(row)
        if is_as_wide:
            with self._path.open("a", newline="") as file:
                csv.DictWriter(file, row.keys()).writerow(row)
        else:
            self._write_all()

    def _write_all(self) -> None:
        """Write the whole table anew, as when a measurement appears for the first time."""
        columns = list(dict.fromkeys(name for row in self._rows for name in row))
        aside = self._path.with_name(f".{self._path.name}")
        with aside.open("w", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="")
            writer.writeheader()
            writer.writerows(self._rows)
        aside.replace(self._path)
        self._rows = [{name: row.get(name, "") for name in columns} for row in self._rows]


def read_events(path: Path) -> list[dict[str, Any]]:
    """The events of a run; a last line that was torn off while being written is skipped."""
    events = []
    for line in path.read_text().splitlines():
        try:
            events.append(json.loads(line))
        except ValueError:
            continue
    return events


def _means(training: Training) -> dict[str, Any]:
    """The means of the last 100 episodes, blank before the first has ended."""
    recent = training.recent
    means: dict[str, Any] = {"mean_return": "", "mean_length": "", "mean_score": ""}
    if recent:
        means["mean_return"] = f"{sum(e.total_reward for e in recent) / len(recent):.6g}"
        means["mean_length"] = f"{sum(e.length for e in recent) / len(recent):.6g}"
        scores = [e.score for e in recent if e.score is not None]
        if scores:
            means["mean_score"] = f"{sum(scores) / len(scores):.6g}"
    return means
