"""`csai train FILE`: what a train.toml says, where the command line says nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from csai_core import presets
from csai_core.commands.typed import ENVIRONMENT
from csai_train.commands.run_arguments import asking, open_run

if TYPE_CHECKING:
    from csai_train.training.train_file import TrainFile
    from csai_train.training.training_file import TrainingFile

_TAKEN = ("preset", "total_steps", "seed", "device", "backend", "workers", "checkpoint_every")
"""Words of a file that are options by the same names."""


class EnvironmentOrFile(click.ParamType["str | TrainFile"]):
    """An environment's id, or the file of a training, which ends in .toml."""

    name = "environment"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> str | TrainFile:
        """The exact id, or the file as it was read."""
        return read(value) if is_file(value) else ENVIRONMENT.convert(value, param, ctx)


def is_file(word: Any) -> bool:
    """Whether what was typed for an environment or a dataset is the file of a training."""
    return isinstance(word, str) and word.endswith(".toml")


def read(word: str) -> TrainFile:
    """The file of a training; see `TrainFile.read`."""
    from csai_train.training.train_file import TrainFile

    return TrainFile.read(Path(word))


def algorithm_of(file: TrainFile) -> str | None:
    """The algorithm that a file asks for: by name, as that of a run, or by a preset."""
    if file.algorithm is not None:
        return file.algorithm
    if file.start_from is not None:
        return open_run(file.start_from).algorithm_entry.full_name
    environment = asking(lambda: file.environment)
    preset = file.values.get("preset")
    found = presets.choose(environment, preset=wished(preset)) if environment else None
    return None if found is None else found.algorithm


def wished(preset: str | None) -> str | None:
    """A preset as `train` takes it, from what a file says."""
    from csai_train.training.train_file import NO_PRESET

    return None if preset == NO_PRESET else preset or "auto"


def fill_in(ctx: click.Context, file: TrainFile, given: dict[str, Any]) -> str | None:
    """Take from a file what was not typed.

    Args:
        ctx: of the command.
        file: the file.
        given: what was typed, by the names of the options; it is filled in.

    Returns:
        The id of the environment; None where the file says none.
    """
    said = dict(file.values)
    if ctx.params.get("seeds") is not None:
        said.pop("seed", None)
    for name in _TAKEN:
        if given.get(name) is None:
            given[name] = said.get(name)
    given["callbacks"] = given["callbacks"] or tuple(said.get("callbacks", ()))
    given["env_options"] = {**said.get("environment_options", {}), **given["env_options"]}
    if given["network"] is None:
        given["network"] = asking(lambda: file.network)
    if given["start_from"] is None and file.start_from is not None:
        given["start_from"] = file.start_from
        given["start_checkpoint"] = given["start_checkpoint"] or str(said.get("start_checkpoint", "newest"))
    return asking(lambda: file.environment)


def processes_of(
    subject: str | TrainingFile | None, processes: int | None, seeds: Sequence[int] | None
) -> int | None:
    """How many processes: as was typed, or else as the file says; None where nothing is said.

    Raises:
        UsageError: if the file asks for several, and several seeds were typed.
    """
    if processes is not None or subject is None or isinstance(subject, str):
        return processes
    said: int | None = subject.values.get("processes")
    if seeds is not None and (said or 1) > 1:
        raise click.UsageError(
            f"{subject.path} asks for {said} processes, and each of --seeds is trained by one; leave its "
            "line 'processes' out, or give --seed."
        )
    return said


def threads_of(ctx: click.Context, file: TrainingFile, threads: int) -> int:
    """How many threads: as was typed, or else as the file says."""
    is_typed = ctx.get_parameter_source("threads") is not ParameterSource.DEFAULT
    return threads if is_typed else int(file.values.get("threads", threads))
