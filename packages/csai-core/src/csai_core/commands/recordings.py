"""`--record`: what was done in a game, saved as a demonstration however the game ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from csai_core.commands.values import OutputFile
from csai_core.errors import ConfigError
from csai_core.play.demonstration import Recorder

record_option = click.option("--record", type=OutputFile(), help="Save what was done (.npz).")


@contextmanager
def recorded_in(path: Path | None, recorder: Recorder) -> Iterator[Recorder | None]:
    """A recorder, whose steps are saved in a file at the end, also after an error; None without a file.

    Raises:
        ConfigError: if the file's folder is not there, before anything is played.
    """
    if path is None:
        yield None
        return
    if not path.absolute().parent.is_dir():
        raise ConfigError(f"The recording cannot be saved as {path}: there is no folder {path.parent}.")
    try:
        yield recorder
    finally:
        _save(recorder, path)


def _save(recorder: Recorder, path: Path) -> None:
    if not recorder:
        click.echo("Nothing was played, so nothing was recorded.")
        return
    path = path if path.suffix == ".npz" else path.with_name(f"{path.name}.npz")
    recorder.save(path)
    click.echo(f"Recorded {len(recorder)} steps in {path}")
