"""Repeating the beginning of a run and comparing: does the same seed still give the same training?"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from csai_core.terminal import as_typed
from csai_train.callbacks.writers import MetricsTable
from csai_train.environments.make import close, open_environments
from csai_train.errors import RunError
from csai_train.events import Callback
from csai_train.group import Group
from csai_train.group.joining import find_group
from csai_train.group.shares import own_share
from csai_train.runs import checkpoint
from csai_train.runs.copies import known_to_all
from csai_train.runs.events_file import Event, read_events
from csai_train.runs.metrics_file import METRICS, read_table
from csai_train.runs.run import Run
from csai_train.threads import limited_threads
from csai_train.training.loop import Training
from csai_train.training.shared import SharedTraining
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

    A run of several processes is repeated by as many, which all call this.

    Args:
        run: which; it is only read, and that by the first process.
        steps: how many to repeat at most.
        callbacks: who is notified of the repetition.

    Raises:
        RunError: if the run has not taken a step, was extended after its start, or was trained by another
            number of processes.
    """
    group = find_group()
    if not group.is_main:
        with known_to_all(None, group) as copy:
            _repeat(copy, group, group.broadcast_state(None), ())
        return Verification(**group.broadcast_state(None))
    events = read_events(run.path)
    taken = max((event["steps"] for event in events), default=0)
    until = min(steps, taken)
    if not until:
        raise RunError(f"{run.path} has not taken any step that could be repeated.")
    _require_as_many(run, events, group)
    if any(event["event"] == "start" and not _is_as_planned(run, event) for event in events):
        raise RunError(
            f"{run.path} was extended after its start, so its beginning cannot be repeated as it was."
        )
    repetition = _Repetition(run, until)
    stops = [event["steps"] for event in events if event["event"] == "stop"]
    with tempfile.TemporaryDirectory() as folder:
        with known_to_all(run, group):
            listeners = [MetricsTable(Path(folder)), repetition, *callbacks]
            _repeat(run, group, group.broadcast_state(stops), listeners)
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
    result = Verification(until, count, len(rows), repetition.checkpoints, difference)
    group.broadcast_state(asdict(result))
    return result


def _require_as_many(run: Run, events: Sequence[Event], group: Group) -> None:
    """Refuse a run that was trained by another number of processes, all along or for a while.

    Raises:
        RunError: saying by how many it was trained.
    """
    for event in events:
        if event["event"] == "start":
            number = int(event.get("computing", {}).get("processes", 1))
            if number != run.processes:
                raise RunError(
                    f"{run.path} was trained by {_in_words(number)} for a part, and by "
                    f"{_in_words(run.processes)} for another, so it cannot be repeated as it was."
                )
    if run.processes != group.size:
        raise RunError(
            f"{run.path} was trained by {_in_words(run.processes)}, which {_in_words(group.size)} cannot "
            f"repeat. csai verify {as_typed(run.path)} launches as many."
        )


def _in_words(number: int) -> str:
    return f"{number} processes" if number > 1 else "one process"


def _repeat(run: Run, group: Group, stops: Collection[int], listeners: Sequence[Callback]) -> None:
    """Train the run again from its start, until a listener stops it.

    Args:
        run: which, or a copy of it.
        group: the processes that do it together.
        stops: after which steps it had been stopped, where its processes had agreed to.
        listeners: who hears of it.
    """
    envs = open_environments(run.environment, own_share(run.settings, group).num_envs, run.workers)
    try:
        with limited_threads(1):
            training, _ = open_training(run, envs, None, group=group)
            if isinstance(training, SharedTraining):
                training.agree_at = {*stops}
            training.callbacks += listeners
            run_stages(training, run, group=group)
    finally:
        close(envs)


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
            training.save_with(partial(self._compare, training))
        if training.steps >= self._until:
            training.stop_requested = True

    def _compare(self, training: Training) -> None:
        path = self._saved[training.steps]
        self.checkpoints += 1
        files = checkpoint.read_manifest(path)["files"]
        there = {name: each["sha256"] for name, each in files.items()}
        if checkpoint.digests(training.state_dict()) != there:
            self.difference = f"The checkpoint {path.name} holds another state than the repetition."


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
