"""The argument RUN and the option --import, which commands that open a run share."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csai_core.errors import CsaiError

if TYPE_CHECKING:
    from csai_train.runs.run import Run

RUN = click.Path(path_type=Path)


def import_option(command: Any) -> Any:
    """Add --import, for environments that a package registers when it is imported."""
    return click.option(
        "--import",
        "imports",
        metavar="PACKAGE",
        multiple=True,
        expose_value=False,
        is_eager=True,
        callback=_import,
        help="Import a package first, such as one that registers environments.",
    )(command)


def open_run(path: Path) -> Run:
    """Open a run; a name without a folder is looked for in runs/ too."""
    from csai_train.runs.run import RUNS, Run

    if not path.exists() and len(path.parts) == 1 and (RUNS / path).exists():
        path = RUNS / path
    return Run.open(path)


def checkpoint_choice(text: str) -> str | int:
    """What --checkpoint says: newest, best, or a number of steps."""
    if text in ("newest", "best"):
        return text
    try:
        return int(text.replace(",", "").replace("_", ""))
    except ValueError as error:
        raise click.UsageError(
            f"--checkpoint was given {text!r}; it must be newest, best or a number of steps."
        ) from error


def _import(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError as error:
            raise CsaiError(f"--import {name} failed: {error}") from error
