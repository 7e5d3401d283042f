"""What all runs have in common: a directory with config.json, a feed, and checkpoints.

config.json      what was trained, on what, how, with which versions
events.jsonl     the feed: everything that happened, one JSON object a line
metrics.csv      a table of measurements over time
checkpoints/     states of the training: the newest, the best, and others if asked for
best.json        which checkpoint is the best
curves.png       the learning curve
"""

from __future__ import annotations

import itertools
import os
import re
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Self

from csai_core import storage
from csai_core.decoding import decoding, in_words
from csai_core.plugins import installed
from csai_core.schema import (
    Schema,
    are_named_texts,
    are_texts,
    check,
    is_count,
    is_object,
    is_seed,
    is_time,
    is_whole,
    optional,
)
from csai_core.terminal import as_typed
from csai_train.errors import RunError
from csai_train.runs.checkpoints import CheckpointFolder, saved_in, step_of
from csai_train.runs.config_file import COMMANDS, CONFIG, FORMAT, NO_RUN, read_config, versions, write_config
from csai_train.runs.recorded_plugins import RecordedPlugins

RUNS = Path("runs")
"""Where runs go that are not told."""


class RunDirectory:
    """One training's directory.

    Args:
        path: the directory.
        config: what its `config.json` holds.

    Raises:
        ValueError: if the config is not one.
    """

    kind: ClassVar[str]
    """What was trained: an "agent", or a network on a "dataset"."""
    schema: ClassVar[Schema] = {
        "total_steps": is_count,
        "seed": is_seed,
        "checkpoint_every": optional(is_count),
        "callbacks": are_texts,
        "config": is_object,
        "created": is_time,
        "number": optional(is_whole),
        "versions": optional(are_named_texts),
        "plugins": optional(are_named_texts),
        "computing": optional(are_named_texts),
    }
    """What `config.json` must hold."""

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        check(config, self.schema)
        self.path = path
        self.config = config
        self.total_steps: int = config["total_steps"]
        self.seed: int = config["seed"]
        self.checkpoint_every: int | None = config["checkpoint_every"]
        self.callbacks: Sequence[str] = config["callbacks"]

    @classmethod
    def make(cls, path: str | os.PathLike[str], about: Mapping[str, Any]) -> Self:
        """Make the directory of a new run; `about` is what its config says besides what all say.

        Raises:
            RunError: if it exists already, or cannot be written.
        """
        directory = Path(path)
        try:
            contents = {
                "format": FORMAT,
                "kind": cls.kind,
                **about,
                "created": time.time(),
                "number": _next_number(directory.parent),
                "versions": versions(),
                "plugins": {r.name: r.origin for r in installed().records if r.hooks},
            }
            with storage.replacement(directory, overwrite=False) as unfinished:
                unfinished.mkdir()
                write_config(unfinished, contents)
        except (OSError, ValueError) as error:
            if os.path.exists(directory / CONFIG):
                command = COMMANDS[cls.kind]
                what = (
                    f"{directory} exists already. Continue it with: {command} --resume {as_typed(directory)}"
                )
            elif os.path.exists(directory):
                what = f"{directory} exists already, and is no run; choose another place with --run-dir."
            else:
                what = (
                    f"The run cannot be written to {directory}: {in_words(error)}. Choose another place with "
                    "--run-dir."
                )
            raise RunError(what) from error
        return cls(directory, contents)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Open the directory of a run.

        Raises:
            RunError: if it is not one, or one of another kind or format.
        """
        directory = Path(path)
        config = read_config(directory)
        if config["kind"] != cls.kind:
            raise RunError(
                f"{directory} is a run of another kind: what was trained is not the {cls.kind} that is "
                f"needed here. What goes on with it is: {COMMANDS.get(config['kind'])} --resume {directory}"
            )
        with decoding(directory / CONFIG, RunError, NO_RUN):
            return cls(directory, config)

    def extend(self, total_steps: int) -> Self:
        """This run with more steps to take; what decays over a training is planned again.

        Raises:
            RunError: if that is not more, or cannot be written.
        """
        if total_steps <= self.total_steps:
            raise RunError(
                f"{self.path} is planned for {self.total_steps:,} steps; to extend it, give more than that."
            )
        contents = {**self.config, "total_steps": total_steps}
        contents.pop("total_episodes", None)  # what is extended by steps ends by steps
        try:
            write_config(self.path, contents)
        except OSError as error:
            raise RunError(f"The run {self.path} cannot be written: {error}") from error
        return type(self)(self.path, contents)

    @property
    def created(self) -> float:
        """When the run was started, in seconds since 1970."""
        return float(self.config["created"])

    @property
    def number(self) -> int:
        """How many runs were started before it where it was made, whatever the clock said; 0 if unknown."""
        return int(self.config.get("number") or 0)

    @cached_property
    def plugins(self) -> RecordedPlugins:
        """The plugins that were there when the run was made."""
        return RecordedPlugins(self.config.get("plugins") or {})

    @property
    def computing(self) -> dict[str, str]:
        """How it is computed, as `Algorithm.describe` says; empty where nobody said."""
        return dict(self.config.get("computing") or {})

    @property
    def method(self) -> str:
        """What trained, in a word."""
        raise NotImplementedError

    @property
    def subject(self) -> str:
        """What was trained on: an environment's id, or a dataset's name."""
        raise NotImplementedError

    @property
    def checkpoints(self) -> CheckpointFolder:
        """The states that were saved."""
        raise NotImplementedError

    def steps_taken(self) -> int:
        """How far the newest checkpoint has come, by its name; 0 without one."""
        return max((step_of(path) for path in saved_in(self.path)), default=0)

    def live(self, *, speed: float | None = None, plays: bool = True, seed: int | None = None) -> None:
        """Watch it being trained by another process or thread, in a notebook, until that is over.

        The curve grows, and the newest agent plays with what it thinks beside it. One that is over is played
        again. The training does not notice, and goes on where the cell is stopped. Outside of notebooks plain
        lines are printed.

        Args:
            speed: plays a training again, so many times as fast as it was; None watches one that is under
                way, and plays others in half a minute.
            plays: whether a game of the agent is shown.
            seed: of the first game; None draws one.

        Raises:
            ConfigError: if an argument cannot work.
        """
        from csai_train.live.notebook import show_live

        show_live(self, speed=speed, plays=plays, seed=seed)


@contextmanager
def removed_on_failure(run: RunDirectory | None) -> Iterator[None]:
    """Remove a new run, in which nothing has happened yet, if its training cannot be set up."""
    try:
        yield
    except BaseException:
        if run is not None:
            shutil.rmtree(run.path, ignore_errors=True)
        raise


def file_name(subject: str, method: str) -> str:
    """What is trained, as a part of a file's name."""
    return re.sub(r"[^\w-]+", "-", f"{subject}-{method}").strip("-")[:100]


@contextmanager
def reserved_path(subject: str, method: str) -> Iterator[Path]:
    """Take a name for a run that is told none: runs/<subject>-<method>-<time>.

    The name is chosen and taken in one step, by making an empty directory; if no run came of it by the end of
    the block, it is removed, and so is the folder of runs where it is empty.

    Raises:
        RunError: if nothing can be written there.
    """
    stem = f"{file_name(subject, method)}-{time.strftime('%Y%m%d-%H%M%S')}"
    for number in itertools.count(1):
        path = RUNS / (stem if number == 1 else f"{stem}-{number}")
        try:
            path.mkdir(parents=True)
            break
        except FileExistsError:
            continue
        except OSError as error:
            raise RunError(
                f"No run can be kept in {RUNS.absolute()}: {in_words(error)}. Choose another place with "
                "--run-dir."
            ) from error
    try:
        yield path
    finally:
        with suppress(OSError):
            path.rmdir()  # refused where there is something in it
            RUNS.rmdir()


def candidates(folder: Path) -> list[Path]:
    """What may be a run in a folder, by name; hidden ones are unfinished."""
    if not os.path.isdir(folder):  # whatever the path is, unlike Path.is_dir
        return []
    return sorted(path.parent for path in folder.glob(f"[!.]*/{CONFIG}"))


def _next_number(folder: Path) -> int:
    """One more than any run in a folder has; runs of which that cannot be read do not count."""
    numbers = [0]
    for path in candidates(folder):
        with suppress(RunError):
            number: Any = read_config(path).get("number")
            numbers.append(number if is_whole(number) else 0)
    return max(numbers) + 1
