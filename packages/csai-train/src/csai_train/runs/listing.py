"""Finding runs, of whatever kind, in a folder."""

from __future__ import annotations

import importlib
import os
from pathlib import Path

from csai_train.errors import RunError
from csai_train.runs.config_file import read_config
from csai_train.runs.directory import RUNS, RunDirectory, candidates
from csai_train.runs.run import Run

_HOMES = {"agent": "csai_train.runs.run:Run", "dataset": "csai_train.datasets.learning.run:DatasetRun"}
"""The class of each kind of run."""


def open_any(path: Path) -> RunDirectory:
    """Open the directory of a run of any kind.

    Raises:
        RunError: if it is not one.
    """
    module, _, name = _HOMES[read_config(path)["kind"]].partition(":")
    opened: RunDirectory = getattr(importlib.import_module(module), name).open(path)
    return opened


def find_runs(folder: Path = RUNS, problems: list[RunError] | None = None) -> list[RunDirectory]:
    """The runs in a folder, newest first; what is not one is passed over.

    Newest is the one that was started after the most others, whatever the clock said.

    Args:
        folder: where to look.
        problems: what is passed over is added here, with what is wrong with it.
    """
    runs = []
    for path in candidates(folder):
        try:
            runs.append(open_any(path))
        except RunError as error:
            if problems is not None:
                problems.append(error)
    return sorted(runs, key=lambda run: (run.number, run.created, run.path.name), reverse=True)


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
