"""What commands that open a run share: the option --import, opening it, and plain warnings."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from rich.console import Console

from csai_core import trust
from csai_core.commands import output
from csai_core.commands.local_modules import import_local
from csai_core.commands.values import COUNT
from csai_core.errors import CsaiError, UntrustedModuleError
from csai_core.terminal import as_markup, printable
from csai_train.errors import TrainingWarning

if TYPE_CHECKING:
    from csai_train.runs.run import Run

_Result = TypeVar("_Result")


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
        help="Import a package or a file of this folder first, such as one that registers environments. "
        "It is remembered, and runs that need it import it.",
    )(command)


device_option = click.option(
    "--device", metavar="NAME", default="auto", help="Where the network is computed: cpu, cuda or mps."
)


length_option = click.option(
    "--max-episode-steps",
    type=COUNT,
    metavar="N",
    help="Cut games short that last longer. [default: 100,000, or the environment's own limit]",
)
"""Adds `--max-episode-steps` as an argument; None where nothing is said."""


sample_option = click.option(
    "--sample", is_flag=True, help="Draw actions from the policy that was learned, rather than take the best."
)


def open_run(path: Path) -> Run:
    """Open a run of an agent."""
    from csai_train.runs.run import Run

    return Run.open(path)


def open_to_play(path: Path) -> Run:
    """Open a run of an agent whose environment is wanted; in a terminal, whether it may be imported is asked.

    Raises:
        UntrustedModuleError: if it takes a module that nobody has typed here, and nobody allows it.
    """
    run = open_run(path)
    while True:
        try:
            with plain_warnings(output.console(stderr=True)):
                run.environment  # noqa: B018
        except UntrustedModuleError as error:
            _ask(error)
        except CsaiError:
            return run  # which whoever needs it is told in the words for it
        else:
            return run


def asking(action: Callable[[], _Result]) -> _Result:
    """Do what may take a module that nobody has typed here; in a terminal, whether it may is asked.

    Raises:
        UntrustedModuleError: if nobody allows it.
    """
    while True:
        try:
            return action()
        except UntrustedModuleError as error:
            _ask(error)


def _can_ask() -> bool:
    """Whether a person sits there."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _ask(error: UntrustedModuleError) -> None:
    """Ask a person whether a module may be imported, and remember that it may; the error is raised if not.

    A module that is not installed, or is a part of Python, is not asked about.
    """
    if not (error.place and _can_ask()):
        raise error
    click.echo(str(error), err=True)
    name, place = printable(error.module), printable(error.place)
    if not click.confirm(f"May csai import {name} ({place}), which runs its code?", err=True):
        raise error
    trust.remember(error.module)


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


def checkpoint_choice(text: str, flag: str = "--checkpoint") -> str | int:
    """What --checkpoint says, or another option: newest, best, or a number of steps."""
    if (name := text.lower()) in ("newest", "best"):
        return name
    try:
        return COUNT.convert(text, None, None)
    except click.BadParameter as error:
        raise click.UsageError(
            f"{flag} was given {text!r}; it must be newest, best or a number of steps above 0."
        ) from error


def _import(context: click.Context, parameter: click.Parameter, names: tuple[str, ...]) -> None:
    for typed in names:
        name = typed.removesuffix(".py")
        if why := trust.complaint(name):
            raise CsaiError(f"--import {typed}: {why}")
        try:
            import_local(name)
        except ImportError as error:
            raise CsaiError(f"--import {typed} failed: {error}") from error
