"""Repeating the beginning of a run and comparing: does the same seed still give the same training?"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from csai_train.callbacks.writers import MetricsTable
from csai_train.environments.make import close, open_environments
from csai_train.errors import RunError
from csai_train.events import Callback
from csai_train.runs import checkpoint
from csai_train.runs.events_file import Event, read_events
from csai_train.runs.metrics_file import METRICS, read_table
from csai_train.runs.run import Run
from csai_train.threads import limited_threads
from csai_train.training.loop import Training
from csai_train.training.stages import open_training, run_stages


@dataclass(frozen=True)
class Verification:
    """What came of a repetition."""

    steps: int
    """How many steps were repeated."""
    episodes: int
    """How many episodes were compared."""
    rows: int
    """How many rows of metrics were compared."""
    checkpoints: int
    """How many checkpoints were compared, weights and all."""
    difference: str
    """The first difference in words; empty where there is none."""


def verify(run: Run, steps: int = 10_000, callbacks: tuple[Callback, ...] = ()) -> Verification:
    """Train the first steps of a run again, and compare episodes, metrics and checkpoints.

    Args:
        run: which; it is only read.
        steps: how many to repeat at most.
        callbacks: who is notified of the repetition.

    Raises:
        RunError: if the run has not taken a step, or was extended after its start.
    """
    events = read_events(run.path)
    taken = max((event["steps"] for event in events), default=0)
    until = min(steps, taken)
    if not until:
        raise RunError(f"{run.path} has not taken any step that could be repeated.")
    if any(event["event"] == "start" and not _is_as_planned(run, event) for event in events):
        raise RunError(
            f"{run.path} was extended after its start, so its beginning cannot be repeated as it was."
        )
    envs = open_environments(run.environment, run.settings.num_envs, run.workers)
    with tempfile.TemporaryDirectory() as folder, limited_threads(1):
        repetition = _Repetition(run, until)
        training, _ = open_training(run, envs, None)
        training.callbacks += [MetricsTable(Path(folder)), repetition, *callbacks]
        try:
            run_stages(training, run)
        finally:
            close(envs)
        repeated = _rows(Path(folder), until)
    episodes = [
        {name: value for name, value in event.items() if name not in ("event", "time")}
        for event in events
        if event["event"] == "episodes" and event["steps"] <= until
    ]
    rows = _rows(run.path, until)
    difference = (
        _first_difference("summary of episodes", episodes, repetition.episodes)
        or _first_difference("row of metrics", _filled(rows), _filled(repeated))
        or repetition.difference
    )
    count = sum(summary["count"] for summary in episodes)
    return Verification(until, count, len(rows), repetition.checkpoints, difference)


def _is_as_planned(run: Run, start: Event) -> bool:
    """Whether a training went on, when it did, with the length that it has in the run."""
    steps = start["steps"]
    plans = {run.stage_at(steps).total_steps, run.stage_at(max(0, steps - 1)).total_steps}
    return start.get("total_steps") in plans


class _Repetition(Callback):
    """Ends a training after some steps, and compares it with the checkpoints on its way."""

    def __init__(self, run: Run, until: int) -> None:
        self._until = until
        self._saved = {int(path.name[5:]): path for path in run.checkpoints.saved()}
        self.episodes: list[dict[str, Any]] = []
        self.checkpoints = 0
        self.difference = ""

    def mark(self, training: Training) -> None:
        summary = training.episodes_since_mark()
        if summary and training.steps <= self._until:
            self.episodes.append({"steps": training.steps, **summary})

    def step(self, training: Training) -> None:
        if training.steps in self._saved and not self.difference:
            path = self._saved[training.steps]
            self.checkpoints += 1
            here = checkpoint.digests(training.state_dict())
            there = checkpoint.read_manifest(path)["files"]
            if any(here[name] != there[name]["sha256"] for name in here):
                self.difference = f"The checkpoint {path.name} holds another state than the repetition."
        if training.steps >= self._until:
            training.stop_requested = True


def _rows(directory: Path, until: int) -> list[dict[str, str]]:
    """The rows of metrics up to a step; several environments may be stepped beyond it."""
    return [row for row in read_table(directory / METRICS) if int(row["steps"]) <= until]


def _filled(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """Rows without their blanks, as a column that comes later leaves blanks behind."""
    return [{name: value for name, value in row.items() if value} for row in rows]


def _first_difference(what: str, there: list[Any], here: list[Any]) -> str:
    for number, (one, other) in enumerate(zip(there, here, strict=False), start=1):
        if one != other:
            return f"The {what} number {number} was {one}, and is {other} in the repetition."
    if len(there) != len(here):
        return f"The run has {len(there)} {what}s here, the repetition {len(here)}."
    return ""
