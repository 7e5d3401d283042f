"""`csai push` and `csai pull`: a run in one file, to a place and from it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from csai_core import storage
from csai_core.commands import typed, values
from csai_core.decoding import decoding, in_words
from csai_core.errors import CsaiError
from csai_core.terminal import as_typed, printable
from csai_train.commands import run_names
from csai_train.errors import RunError
from csai_train.runs import archive

from csai_hub.places import find_place

_NO_RUN = "Nothing was kept: only a whole run is, as csai export writes it."


@click.command("push", cls=typed.TypedCommand)
@click.argument("run")
@click.argument("place")
def push_command(run: str, place: str) -> None:
    """Push RUN, which may be a file of csai export, to PLACE: FOLDER, FOLDER/NAME.zip or hf:OWNER/NAME."""
    with _telling(f"{place} does not take {run}"):
        hub, name = find_place(place)
        with _exported(run, name) as file:
            hub.push(file, name or file.name)
        got = place if name else str(Path(place) / file.name)
    click.echo(f"Pushed. Get it anywhere: csai pull {printable(as_typed(got))}")


@click.command("pull", cls=typed.TypedCommand)
@click.argument("place")
@click.option(
    "--into",
    type=values.OutputFile(archive.SUFFIX),
    metavar="FILE",
    help="The file. [default: as it is called there]",
)
@click.option(
    "--largest",
    type=values.COUNT,
    default=1024,
    show_default=True,
    metavar="MIB",
    help="How large it may be, in MiB.",
)
def pull_command(place: str, into: Path | None, largest: int) -> None:
    """Pull a run from PLACE into one file: FOLDER/NAME.zip, https://…/NAME.zip or hf:OWNER/NAME.

    Nothing of it is executed. It is kept only if it is one that csai export writes, and whole.
    """
    with _telling(f"{place} cannot be read"):
        hub, name = find_place(place, largest * 2**20)
        into = into or Path(re.sub(r"[^\w.-]+", "-", name))
        if into.suffix.lower() != archive.SUFFIX:
            raise RunError(
                f"{place} names no file that ends in .zip; name one there, or say --into FILE.zip."
            )
        if into.exists():
            raise RunError(f"{into} is there already; say another name by --into FILE.")
        with storage.replacement(into, overwrite=False) as unfinished, decoding(place, RunError, _NO_RUN):
            hub.pull(name, unfinished)
            _require_run(unfinished)
    click.echo(f"Pulled {printable(into)}. Watch it: csai watch {printable(as_typed(into))}")


@contextmanager
def _telling(what: str) -> Iterator[None]:
    """Tell what goes wrong in the block in a sentence; it lies with a place, and not with code."""
    try:
        yield
    except CsaiError as error:
        raise click.ClickException(str(error)) from error
    except Exception as error:  # whatever a client raises
        raise click.ClickException(f"{what}: {in_words(error).rstrip('.')}.") from error


@contextmanager
def _exported(typed_run: str, name: str) -> Iterator[Path]:
    """The run that is meant in one file, which is there until the block ends."""
    from csai_train.runs import Run, export_run

    path = Path(typed_run)
    if archive.is_archive(path):
        with decoding(path, RunError):
            _require_run(path)
        yield path
        return
    run = Run.open(run_names.find_run(typed_run))
    with tempfile.TemporaryDirectory(prefix="csai-") as folder:
        file = Path(folder) / (name or f"{run.path.resolve().name}{archive.SUFFIX}")
        export_run(run, file)
        yield file


def _require_run(file: Path) -> None:
    """Read a file as csai reads runs of others; whatever is wrong with it is raised."""
    from csai_train.runs import Run

    with tempfile.TemporaryDirectory(prefix="csai-") as folder:
        archive.unpack(file, Path(folder) / "run")
        Run.open(Path(folder) / "run")
