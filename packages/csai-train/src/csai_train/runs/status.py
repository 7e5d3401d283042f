"""What has become of a run: under way, complete, stopped, failed, or killed."""

from __future__ import annotations

from dataclasses import dataclass

from csai_train.runs.directory import RunDirectory
from csai_train.runs.events_file import EVENTS, Event, last_event, read_events
from csai_train.runs.feed_holes import holes_in
from csai_train.runs.lock import is_locked
from csai_train.runs.metrics_file import METRICS, number_in, read_table

_FAR = 0.02
"""Of a training: further than marks lie apart."""


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
    """Look at a run from outside, without touching or delaying it.

    What counts is what is saved; only of a training under way the feed says how far it is.
    """
    event, saved = last_event(run.path), run.steps_taken()
    is_training = is_locked(run.path)
    steps = max(saved, event["steps"]) if event and is_training else saved
    rows = [row for row in read_table(run.path / METRICS) if int(row["steps"]) <= steps]
    row = rows[-1] if rows else {}
    state = "training" if is_training else _state(run, event, saved)
    names = ("mean_return", "mean_score", "test_accuracy")
    return RunStatus(state, steps, *(number_in(row, name) for name in names))


def feed_ends_after(run: RunDirectory) -> int | None:
    """After how many steps a feed ends that should go on, as it was cut or lost; None where it is whole.

    What is saved says how far the run has come. At its end a feed has an event; before, the newest
    checkpoint may lie some way behind the last mark.
    """
    event, saved = last_event(run.path), run.steps_taken()
    steps = event["steps"] if event else 0
    is_ended = event is not None and event["event"] == "stop"
    is_far = saved - steps > run.total_steps * _FAR
    return steps if saved > steps and (is_ended or saved >= run.total_steps or is_far) else None


def what_is_lost(run: RunDirectory) -> str:
    """In words, that a feed ends early or has holes; empty where it is whole."""
    steps = feed_ends_after(run)
    hows = []
    if holes := holes_in(read_events(run.path)):
        hows.append(f"has holes, {', '.join(map(str, holes))}")
    if steps is not None:
        end = f"ends early, after {steps:,} steps" if steps else "is missing, or holds nothing"
        hows.append(f"{end}; {run.steps_taken():,} steps were taken")
    if not hows:
        return ""
    return f"The feed {run.path / EVENTS} {', and it '.join(hows)}. What came then was cut off or lost."


def _state(run: RunDirectory, event: Event | None, saved: int) -> str:
    """What became of a training that is not under way."""
    if event is not None and event["event"] == "stop":
        reason = str(event["reason"])
        return "stopped" if reason == "complete" and saved < event["steps"] else reason
    if saved >= run.total_steps:
        return "complete"
    return "killed" if event or saved else "new"
