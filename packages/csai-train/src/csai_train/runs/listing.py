"""Finding runs, of whatever kind, in a folder."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from csai_train.errors import RunError
from csai_train.runs.directory import RUNS, RunDirectory, read_config
from csai_train.runs.run import Run

_HOMES = {"agent": "csai_train.runs.run:Run", "dataset": "csai_train.datasets.learning.run:DatasetRun"}
"""The class of each kind of run."""


def open_any(path: Path) -> RunDirectory:
    """Open the directory of a run of any kind.

    Raises:
        RunError: if it is not one.
    """
    try:
        kind = read_config(path).get("kind", "agent")
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        kind = "agent"  # opening it as one says what is wrong
    if kind not in _HOMES:
        raise RunError(f"{path} is a run of a {kind!r}, which this version of csai does not know.")
    module, _, name = _HOMES[kind].partition(":")
    opened: RunDirectory = getattr(importlib.import_module(module), name).open(path)
    return opened


def find_runs(folder: Path = RUNS) -> list[RunDirectory]:
    """The runs in a folder, newest first; what is not one is passed over."""
    runs = []
    for path in folder.glob("[!.]*/config.json") if folder.is_dir() else ():
        try:
            runs.append(open_any(path.parent))
        except RunError:
            continue
    return sorted(runs, key=lambda run: (run.created, run.path.name), reverse=True)


def newest_run(environment_id: str, algorithm: str | None = None, folder: Path = RUNS) -> Run:
    """The run of an environment, and of an algorithm if one is given, that was started last.

    Raises:
        RunError: if there is none.
    """
    for run in find_runs(folder):
        if isinstance(run, Run) and run.subject == environment_id and algorithm in (None, run.algorithm_name):
            return run
    of = f" with {algorithm}" if algorithm else ""
    raise RunError(f"There is no run of {environment_id}{of} in {folder}{os.sep} to continue.")
