"""Forks: runs that share the beginning of another, and go on with other settings."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from csai_core import storage
from csai_core.schedules import Schedule
from csai_train.runs.checkpoints import name_of
from csai_train.runs.directory import removed_on_failure
from csai_train.runs.evaluation_file import RANDOM_PLAY
from csai_train.runs.events_file import EVENTS, Event, read_events, to_line
from csai_train.runs.metrics_file import METRICS, read_table, write_table
from csai_train.runs.network import NETWORK
from csai_train.runs.run import START, Run
from csai_train.runs.stage import Stage, stage_at

_COPIED = (NETWORK, RANDOM_PLAY)


class Change(NamedTuple):
    """What a setting was, and what it is from a fork on."""

    before: Any
    after: Any


class Fork(NamedTuple):
    """Which run another was forked from, after how many steps, and what differs from there on."""

    run: str
    """The other run's name."""
    steps: int
    checkpoint: int | None
    """The steps of the checkpoint that it began with; None where it was trained from the start."""
    changes: Mapping[str, Change]
    """Settings by name, `total_steps` too."""

    @classmethod
    def of(cls, run: Run) -> Fork | None:
        """What a run says of itself; None where it is no fork."""
        found = run.config.get("forked_from")
        if found is None:
            return None
        changes = {
            name: Change(each.get("before"), each.get("after")) for name, each in found["changes"].items()
        }
        return cls(found["run"], found["steps"], found.get("checkpoint"), changes)

    def describe(self) -> dict[str, Any]:
        """The same in plain values."""
        changes = {name: change._asdict() for name, change in self.changes.items()}
        return {**self._asdict(), "changes": changes}

    def difference(self) -> str:
        """What differs, in words."""
        said = [
            f"{name} {shown(each.after)} instead of {shown(each.before)}"
            for name, each in self.changes.items()
        ]
        return ", ".join(said) or "nothing differs"


def shown(value: Any) -> str:
    """A setting as people write it: 1e-4 rather than 0.0001."""
    if isinstance(value, Schedule):
        return str(value)
    if isinstance(value, float):
        plain, short = f"{value:g}", f"{value:.6e}"
        mantissa, _, exponent = short.partition("e")
        scientific = f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"
        return scientific if abs(value) < 1e-3 and value else plain
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)


def stages_until(run: Run, steps: int) -> list[Stage]:
    """The stages of a run's first so many steps, the last of which ends there.

    A run that was extended was planned otherwise before that, as its feed knows.
    """
    planned = _planned(run)
    over = [stage for stage in planned if stage.until is not None and stage.until < steps]
    return [*over, planned[len(over)]._replace(until=steps)]


def _planned(run: Run) -> list[Stage]:
    """The stages of a run, and of those that were extended each plan by itself."""
    starts = [
        event for event in read_events(run.path) if event["event"] == "start" and event.get("total_steps")
    ]
    found: list[Stage] = []
    for event, later in itertools.pairwise(starts):
        stage = stage_at(run.stages, event["steps"])
        if later["steps"] > event["steps"] and later["total_steps"] != event["total_steps"]:
            found.append(stage._replace(until=later["steps"], total_steps=event["total_steps"]))
    ends = {stage.until for stage in found}
    return sorted(
        [*found, *(stage for stage in run.stages if stage.until not in ends)],
        key=lambda stage: float("inf") if stage.until is None else stage.until,
    )


def create_fork(
    run: Run,
    path: Path,
    fork: Fork,
    *,
    stages: Sequence[Stage],
    config: Mapping[str, Any],
    total_steps: int,
    total_episodes: int | None,
    state: Mapping[str, Any] | None,
    processes: int = 1,
) -> Run:
    """Make the folder of a fork, which holds the history that it shares.

    Args:
        run: what is forked.
        path: where.
        fork: what differs, and from where on.
        stages: how it is trained until there.
        config: the settings from there on.
        total_steps: how long the whole training is.
        total_episodes: after how many episodes it ends, if that is sooner.
        state: what the checkpoint that it begins with holds; None begins at the start.
        processes: how many train it together.

    Raises:
        RunError: if it exists already, or cannot be written.
        CheckpointError: if the disk refuses the checkpoint.
    """
    kept = {
        name: value
        for name, value in run.config.items()
        if name not in ("format", "kind", "versions", "plugins", "processes")
    }
    about = {
        **kept,
        "config": dict(config),
        "total_steps": total_steps,
        "total_episodes": total_episodes,
        "stages": [stage._asdict() for stage in stages],
        "forked_from": fork.describe(),
        "processes": processes if processes > 1 else None,
    }
    made = Run.make(path, about)
    with removed_on_failure(made):
        for name in _COPIED:
            if (run.path / name).is_file():
                storage.write(made.path / name, (run.path / name).read_bytes())
        if (run.path / START).is_dir():
            shutil.copytree(run.path / START, made.path / START)
        if state is not None:
            _copy_checkpoints(run, made, state)
            _copy_history(run.path, made.path, state["steps"])
    return made


def _copy_checkpoints(run: Run, made: Run, state: Mapping[str, Any]) -> None:
    """Keep the state, and the one that was the best until then, where that is still there."""
    steps = state["steps"]
    best = run.checkpoints.best_at(steps)
    if best is not None and best["steps"] != steps:
        there = {path.name: path for path in run.checkpoints.saved()}
        source = there.get(name_of(best["steps"]))
        best = None if source is None else best
        if source is not None:
            shutil.copytree(source, made.checkpoints.path / source.name)
    made.checkpoints.save(state, steps, keep=None, best=best)
    if best is not None:
        made.checkpoints.name_best(best)


def _copy_history(there: Path, here: Path, steps: int) -> None:
    """What happened until a step, without how the other training ended there."""
    events = [event for event in read_events(there) if event["steps"] <= steps]
    events = [event for event in events if event["event"] != "stop" or event["steps"] < steps]
    storage.write(here / EVENTS, "".join(map(_line, events)))
    rows = [row for row in read_table(there / METRICS) if int(row["steps"]) <= steps]
    if rows:
        write_table(here / METRICS, rows)


def _line(event: Event) -> str:
    values = {name: value for name, value in event.items() if name not in ("event", "steps")}
    return to_line(event["event"], event["steps"], values)
