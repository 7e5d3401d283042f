"""Runs as people type them: a folder, a name in runs/, the beginning of one, or what was trained on."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
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
        is_read: whether it is only read, so that one that `csai export` wrote will do. That is unpacked into
            a folder which goes when the command ends.
    """

    name = "run"

    def __init__(self, kind: str = "agent", *, is_read: bool = False) -> None:
        self.kind, self.is_read = kind, is_read

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        """The run's folder."""
        if isinstance(value, Path):
            return value
        if self.is_read and ctx is not None:
            return ctx.with_resource(folder_of(str(value), self.kind))
        return find_run(str(value), self.kind)


@contextmanager
def folder_of(typed: str, kind: str = "agent") -> Iterator[Path]:
    """The folder of the run that is meant, until the block ends; one in a file is unpacked for it.

    Raises:
        UnknownNameError: as `find_run`.
        RunError: if the file is none that `csai export` writes.
    """
    from csai_train.runs.archive import is_archive, unpacked

    if not is_archive(Path(typed)):
        yield find_run(typed, kind)
        return
    with unpacked(Path(typed)) as folder:
        yield folder


def find_run(typed: str, kind: str = "agent") -> Path:
    """The folder of the run that is meant.

    A folder that there is, also below runs/, is itself. "snake" is the newest run in that environment, and
    the beginning of a run's name that run.

    Raises:
        UnknownNameError: if several are meant, or none.
        RunError: if it is a run in one file.
    """
    for folder in _folders(typed):
        if os.path.exists(folder):
            _require_folder(folder)
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


def run_argument(kind: str = "agent", *, is_read: bool = False) -> Callable[[_Command], _Command]:
    """Add the argument RUN, which is the newest run where it is left out; see `RunName`."""
    type_ = RunName(kind, is_read=is_read)
    return click.argument("run", type=type_, required=False, callback=_or_newest)


def _or_newest(context: click.Context, parameter: click.Parameter, value: Any) -> Any:
    """What was given, or the newest run; of an argument that may be given several times, as a tuple."""
    if value or context.resilient_parsing or not isinstance(parameter.type, RunName):
        return value
    newest = newest_run(parameter.type.kind)
    return newest if parameter.nargs == 1 else (newest,)


def runs_argument(kind: str = "") -> Callable[[_Command], _Command]:
    """Add the argument RUNS, any number of them, which is the newest run where it is left out."""
    return click.argument("runs", type=RunName(kind), nargs=-1, callback=_or_newest)


def _require_folder(path: Path) -> None:
    """Refuse a run in one file, where one is to be written to.

    Raises:
        RunError: saying what works.
    """
    from csai_train.runs.archive import is_archive

    if is_archive(path):
        raise RunError(
            f"{path} is a run in one file, which is only read, as csai watch, evaluate, show, verify and "
            "train --start-from do. For the rest, unpack it into a folder, and give that."
        )


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
