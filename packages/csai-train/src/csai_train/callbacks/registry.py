"""The callbacks of a training: those that write its run, those that are named, and those that are given."""

from __future__ import annotations

import os
from collections.abc import Sequence

from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_train.callbacks.checkpoints import Checkpoints
from csai_train.callbacks.writers import EventLog, MetricsTable
from csai_train.events import Callback, Session
from csai_train.runs.directory import RunDirectory


def names_of(callbacks: Sequence[Callback | str], run_dir: str | os.PathLike[str] | None) -> list[str]:
    """The names among the callbacks that a training is given, which its run remembers.

    Raises:
        ConfigError: if there are any and no run, which they write to; or if one is no callback.
        UnknownNameError: if one is not registered.
    """
    if not isinstance(callbacks, (list, tuple)):
        raise ConfigError(
            f"callbacks is {callbacks!r}; it must be a list, of callbacks and names: [{callbacks!r}]."
        )
    for callback in callbacks:
        if not isinstance(callback, (Callback, str)):
            raise ConfigError(
                f"callbacks holds {callback!r}; each must be a csai_train.Callback, made already, or the "
                "name of a registered one."
            )
    names = [callback for callback in callbacks if isinstance(callback, str)]
    if names and run_dir is None:
        raise ConfigError(f"The callbacks {names} write to a run; give run_dir, where to keep it.")
    for name in names:
        installed().find("callbacks", name)
    return names


def attach(training: Session, run: RunDirectory | None, callbacks: Sequence[Callback | str]) -> None:
    """Let a training be written to its run, and be told to whoever else listens.

    Checkpoints come last: what the others find out about a step belongs to the state after it.
    """
    if run is not None:
        training.callbacks += [EventLog(run.path), MetricsTable(run.path)]
    training.callbacks += [_make(each, run) if isinstance(each, str) else each for each in callbacks]
    if run is not None:
        training.callbacks.append(Checkpoints(run))


def require_agent(run: RunDirectory, name: str) -> None:
    """Refuse a run in which no agent is trained, for callbacks that let one play.

    Raises:
        ConfigError: naming the callback and the run.
    """
    if run.kind != "agent":
        raise ConfigError(
            f"The callback {name!r} lets an agent play, and {run.path} trains a network on a dataset; leave "
            "it out."
        )


def _make(name: str, run: RunDirectory | None) -> Callback:
    callback: Callback = installed().find("callbacks", name).load()(run)
    return callback
