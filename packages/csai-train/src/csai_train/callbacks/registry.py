"""The callbacks of a training: those that write its run, those that are named, and those that are given."""

from __future__ import annotations

import os
from collections.abc import Sequence

from csai_core import notebooks
from csai_core.errors import ConfigError
from csai_core.plugins import installed
from csai_train.callbacks.checkpoints import Checkpoints
from csai_train.callbacks.health import Health
from csai_train.callbacks.kept_snapshots import KeptSnapshots
from csai_train.callbacks.live_weights import LiveWeights
from csai_train.callbacks.notebook import NotebookProgress
from csai_train.callbacks.progress import ProgressBar
from csai_train.callbacks.random_play import RandomPlay
from csai_train.callbacks.writers import EventLog, MetricsTable
from csai_train.events import Callback, Session
from csai_train.runs.directory import RunDirectory
from csai_train.runs.run import Run


def names_of(callbacks: Sequence[Callback | str], run_dir: str | os.PathLike[str] | None) -> list[str]:
    """The full names of those callbacks of a training that are given by name, which its run remembers.

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
    return [installed().find("callbacks", name).full_name for name in names]


def attach(
    training: Session, run: RunDirectory | None, callbacks: Sequence[Callback | str], *, health: bool = False
) -> None:
    """Let a training be written to its run, and be told to whoever else listens.

    Whoever looks after its health comes after the writers, who stop last and so hear also why it has failed.

    Checkpoints come last: what the others find out about a step belongs to the state after it.
    """
    if run is not None:
        training.callbacks += [EventLog(run.path), MetricsTable(run.path)]
    if health:
        training.callbacks.append(Health(run))
    if isinstance(run, Run):
        training.callbacks += [RandomPlay(run), LiveWeights(run), KeptSnapshots(run)]
    if not any(isinstance(each, (ProgressBar, NotebookProgress)) for each in callbacks):
        training.callbacks += _shown_to_whoever_types()
    training.callbacks += [_make(each, run) if isinstance(each, str) else each for each in callbacks]
    if run is not None:
        training.callbacks.append(Checkpoints(run))


def _shown_to_whoever_types() -> list[Callback]:
    """What shows a training in a notebook, and to a person at IPython; nothing in programs."""
    if notebooks.is_notebook():
        return [NotebookProgress()]
    return [ProgressBar()] if notebooks.is_terminal_of_ipython() else []


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
    find = installed().find if run is None else run.plugins.find
    callback: Callback = find("callbacks", name).make(run)
    return callback
