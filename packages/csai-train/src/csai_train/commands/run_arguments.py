"""What commands that open a run share: the option --import, opening it, and plain warnings."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from csai_core.commands.local_modules import import_local
from csai_core.commands.values import COUNT
from csai_core.errors import CsaiError
from csai_core.terminal import as_markup
from csai_train.errors import TrainingWarning

if TYPE_CHECKING:
    from csai_train.runs.run import Run


_IMPORTED = "csai_train.imported"


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
        help="Import a package or a file of this folder first, such as one that registers environments.",
    )(command)


device_option = click.option(
    "--device", metavar="NAME", default="auto", help="Where the network is computed: cpu, cuda or mps."
)


sample_option = click.option(
    "--sample", is_flag=True, help="Draw actions from the policy that was learned, rather than take the best."
)


def open_run(path: Path) -> Run:
    """Open a run of an agent."""
    from csai_train.runs.run import Run

    return Run.open(path)


@contextmanager
def plain_warnings(console: Console) -> Iterator[None]:
    """Show what a training or a run warns of as one line each, above whatever moves on the screen."""

    def show(message: Warning | str, *where: Any, **more: Any) -> None:
        console.print(f"[yellow]Warning:[/yellow] {as_markup(message)}", soft_wrap=True, highlight=False)

    def showwarning(message: Warning | str, category: type[Warning], *where: Any, **more: Any) -> None:
        (show if issubclass(category, TrainingWarning) else before)(message, category, *where, **more)

    with warnings.catch_warnings():
        warnings.simplefilter("always", TrainingWarning)
        before = warnings.showwarning
        warnings.showwarning = showwarning
        yield


def checkpoint_choice(text: str) -> str | int:
    """What --checkpoint says: newest, best, or a number of steps."""
    if (name := text.lower()) in ("newest", "best"):
        return name
    try:
        return COUNT.convert(text, None, None)
    except click.BadParameter as error:
        raise click.UsageError(
            f"--checkpoint was given {text!r}; it must be newest, best or a number of steps."
        ) from error


def imported() -> str:
    """What --import must say again in the next command, as ` --import my_game`; empty if nothing."""
    names = dict.fromkeys(click.get_current_context().meta.get(_IMPORTED, ()))
    return "".join(f" --import {name}" for name in names)


def note_import(name: str) -> None:
    """Note a package without which the environment of this command is not there."""
    click.get_current_context().meta.setdefault(_IMPORTED, []).append(name)


def _import(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> None:
    for typed in names:
        name = typed.removesuffix(".py")
        if not all(part.isidentifier() for part in name.split(".")):
            raise CsaiError(f"--import was given {typed!r}; it must be a module, such as my_game.")
        try:
            import_local(name)
        except ImportError as error:
            raise CsaiError(f"--import {typed} failed: {error}") from error
        context.meta.setdefault(_IMPORTED, []).append(name)
