"""`csai train-dataset FILE`: what a train.toml says, where the command line says nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from csai_core.commands.typed import entry_of
from csai_train.commands.file_argument import is_file, threads_of
from csai_train.commands.run_arguments import asking

if TYPE_CHECKING:
    from csai_train.datasets.learning.dataset_file import DatasetFile

_TAKEN = ("epochs", "seed", "device", "checkpoint_every")
"""Words of a file that are options by the same names."""


class DatasetOrFile(click.ParamType["str | DatasetFile"]):
    """A dataset's name, or the file of a training, which ends in .toml."""

    name = "dataset"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | DatasetFile:
        """The exact name, or the file as it was read."""
        if not is_file(value):
            return entry_of("datasets").convert(value, param, ctx)
        from csai_train.datasets.learning.dataset_file import DatasetFile

        return DatasetFile.read(Path(value))


def fill_in(ctx: click.Context, file: DatasetFile, given: dict[str, Any]) -> str | None:
    """Take from a file what was not typed.

    Args:
        ctx: of the command.
        file: the file.
        given: what was typed, by the names of the options; it is filled in.

    Returns:
        The name of the dataset; None where the file says none.
    """
    said = {name: file.values.get(name) for name in _TAKEN} | asking(lambda: file.config)
    for name, value in said.items():
        if given.get(name) is None:
            given[name] = value
    given["callbacks"] = given["callbacks"] or tuple(file.values.get("callbacks", ()))
    given["threads"] = threads_of(ctx, file, given["threads"])
    if given["net"] is None:
        given["net"] = asking(lambda: file.network)
    return asking(lambda: file.dataset)
