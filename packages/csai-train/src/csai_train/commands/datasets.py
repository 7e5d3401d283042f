"""`csai datasets`: the datasets that plugins offer, and whether their files are here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
from rich.text import Text

from csai_core.commands.output import console, print_rows
from csai_core.commands.typed import TypedCommand
from csai_core.errors import CsaiError
from csai_core.plugins import Entry, installed


@click.command("datasets", cls=TypedCommand)
@click.option("--root", type=click.Path(path_type=Path), metavar="FOLDER", help="Where to look for files.")
def datasets_command(root: Path | None) -> None:
    """List the datasets that a network can be trained on, and whether their files are here.

    Files are looked for in FOLDER, or where the variable CSAI_DATA says, or in ~/.cache/csai/datasets.
    """
    entries = installed().entries("datasets")
    rows = [
        (Text(name, "cyan"), _presence(entries[name], root), entries[name].summary, entries[name].plugin)
        for name in sorted(entries)
    ]
    screen = console()
    print_rows(screen, ("dataset", "files", "summary", "plugin"), rows, wraps="summary")
    screen.print("\nTrain on one:  csai train-dataset mnist")


def _presence(entry: Entry, root: Path | None) -> Text:
    try:
        target: Any = entry.load()
    except CsaiError:
        return Text("broken", "red")
    if not hasattr(target, "is_here"):
        return Text("")
    return Text("here", "green") if target.is_here(root) else Text("not here", "yellow")
