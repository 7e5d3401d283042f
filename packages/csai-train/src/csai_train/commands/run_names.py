"""Runs as people type them: a folder, a name in runs/, the beginning of one, or what was trained on."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from gymnasium.envs.registration import ENV_ID_RE

from csai_core.commands import resolver
from csai_core.terminal import printable
from csai_train.errors import RunError

if TYPE_CHECKING:
    from csai_train.runs.directory import RunDirectory

_Command = TypeVar("_Command", bound=Callable[..., Any])


class RunName(click.ParamType[Path]):
    """An argument that names a run; what was typed becomes its folder.

    Args:
        kind: of the run, such as "agent"; empty takes any.
    """

    name = "run"

    def __init__(self, kind: str = "agent") -> None:
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The run's folder."""
        return value if isinstance(value, Path) else find_run(str(value), self.kind)


def find_run(typed: str, kind: str = "agent") -> Path:
    """The folder of the run that is meant.

    A folder that there is, also below runs/, is itself. "snake" is the newest run in that environment, and
    the beginning of a run's name that run.

    Raises:
        UnknownNameError: if several are meant, or none.
    """
    for folder in _folders(typed):
        if os.path.exists(folder):
            return folder
    runs = _runs(kind)
    trained_on = {run.subject: _forms(run.subject) for run in runs}
    subjects = resolver.matches(typed, trained_on)
    if subjects:
        newest = next(run for run in runs if run.subject in subjects)
        resolver.say(f"{typed}: {printable(newest.path)}, the newest of {printable(newest.subject)}")
        return newest.path
    names = {run.path.name: () for run in runs}
    chosen = resolver.choose("run", typed, names, note="csai runs lists them." if names else "")
    return next(run.path for run in runs if run.path.name == chosen)


def runs_in(given: Sequence[Path]) -> list[Path]:
    """The runs that are meant by folders of runs or by runs, each once."""
    from csai_train.runs.directory import candidates

    return list(dict.fromkeys(run for folder in given for run in (candidates(folder) or [folder])))


def newest_run(kind: str = "agent") -> Path:
    """The folder of the run that was started last, which is said.

    Raises:
        RunError: if there is none.
    """
    for run in _runs(kind):
        resolver.say(f"the newest run: {printable(run.path)}")
        return run.path
    raise RunError("There are no runs here yet. Make one with: csai train snake")


def run_argument(kind: str = "agent") -> Callable[[_Command], _Command]:
    """Add the argument RUN, which is the newest run where it is left out."""
    return click.argument("run", type=RunName(kind), required=False, callback=_or_newest)


def _or_newest(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """What was given, or the newest run; of an argument that may be given several times, as a tuple."""
    if value or context.resilient_parsing or not isinstance(parameter.type, RunName):
        return value
    newest = newest_run(parameter.type.kind)
    return newest if parameter.nargs == 1 else (newest,)


def runs_argument(kind: str = "") -> Callable[[_Command], _Command]:
    """Add the argument RUNS, any number of them, which is the newest run where it is left out."""
    return click.argument("runs", type=RunName(kind), nargs=-1, callback=_or_newest)


def _folders(typed: str) -> list[Path]:
    from csai_train.runs.directory import RUNS

    if not typed.strip():
        return []
    return [Path(typed), *([RUNS / typed] if len(Path(typed).parts) == 1 else [])]


def _runs(kind: str) -> list[RunDirectory]:
    from csai_train.runs.listing import find_runs

    return [run for run in find_runs() if kind in ("", run.kind)]


def _forms(subject: str) -> list[str]:
    """What else may be typed for an environment's id, or a dataset's name."""
    found = ENV_ID_RE.fullmatch(subject)
    if found is None:
        return []
    namespace, name = found["namespace"], found["name"]
    return [name, f"{namespace}/{name}", subject.rpartition("/")[2]]
