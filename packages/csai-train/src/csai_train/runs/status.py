"""What has become of a run: under way, complete, stopped, failed, or killed."""

from __future__ import annotations

from dataclasses import dataclass

from csai_train.runs.directory import RunDirectory
from csai_train.runs.events_file import last_event
from csai_train.runs.lock import is_locked
from csai_train.runs.metrics_file import METRICS, read_table


@dataclass(frozen=True)
class RunStatus:
    """How far a run has come, and how well it does."""

    state: str
    """training, complete, stopped, failed, killed, or new."""
    steps: int
    mean_return: float | None
    """Of the last 100 episodes."""
    mean_score: float | None
    """Of the last 100 episodes, where the game keeps a score."""
    test_accuracy: float | None = None
    """Of a network trained on a dataset."""


def status_of(run: RunDirectory) -> RunStatus:
    """Look at a run from outside, without touching or delaying it."""
    event = last_event(run.path)
    rows = read_table(run.path / METRICS)
    row = rows[-1] if rows else {}
    if is_locked(run.path):
        state = "training"
    elif event is None:
        state = "new"
    elif event["event"] == "stop":
        state = str(event.get("reason"))
    else:
        state = "killed"
    steps = max(run.steps_taken(), event["steps"] if event and state != "killed" else 0)
    names = ("mean_return", "mean_score", "test_accuracy")
    return RunStatus(state, steps, *(_number(row.get(name)) for name in names))


def _number(text: str | None) -> float | None:
    try:
        return float(text) if text else None
    except ValueError:
        return None
