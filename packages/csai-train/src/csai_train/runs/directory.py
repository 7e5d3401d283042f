"""What all runs have in common: a directory with config.json, a feed, and checkpoints.

config.json      what was trained, on what, how, with which versions
events.jsonl     the feed: everything that happened, one JSON object a line
metrics.csv      a table of measurements over time
checkpoints/     states of the training: the newest, the best, and others if asked for
best.json        which checkpoint is the best
curves.png       the learning curve
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, Self

from csai_core import storage
from csai_core.plugins import installed
from csai_train.errors import CheckpointError, RunError
from csai_train.runs.checkpoints import CheckpointFolder

FORMAT = 1
RUNS = Path("runs")
"""Where runs go that are not told."""
_DISTRIBUTIONS = (
    "csai-core",
    "csai-envs",
    "csai-neural",
    "csai-train",
    "gymnasium",
    "numpy",
    "torch",
    "torchvision",
)
_COMMANDS = {"agent": "csai train", "dataset": "csai train-dataset"}
"""What goes on with a run, by its kind."""


class RunDirectory:
    """One training's directory.

    Args:
        path: the directory.
        config: what its `config.json` holds.

    Raises:
        LookupError, TypeError, ValueError: if the config is not one.
    """

    kind: ClassVar[str]
    """What was trained: an "agent", or a network on a "dataset"."""

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        self.path = path
        self.config = config
        self.total_steps: int = config["total_steps"]
        self.seed: int = config["seed"]
        self.checkpoint_every: int | None = config["checkpoint_every"]
        require(isinstance(self.total_steps, int) and self.total_steps > 0, "total_steps")
        require(isinstance(self.seed, int), "seed")
        require(isinstance(config["created"], (int, float)), "created")

    @classmethod
    def make(cls, path: str | os.PathLike[str], about: Mapping[str, Any]) -> Self:
        """Make the directory of a new run; `about` is what its config says besides what all say.

        Raises:
            RunError: if it exists already, or cannot be written.
        """
        contents = {
            "format": FORMAT,
            "kind": cls.kind,
            **about,
            "created": time.time(),
            "versions": versions(),
            "plugins": {r.name: r.origin for r in installed().records if r.status == "ok"},
        }
        directory = Path(path)
        if directory.exists():
            raise RunError(
                f"{directory} exists already. Continue it with: {_COMMANDS[cls.kind]} --resume {directory}"
                if (directory / "config.json").exists()
                else f"{directory} exists already, and is no run; choose another place with --run-dir."
            )
        try:
            with storage.replacement(directory, overwrite=False) as unfinished:
                unfinished.mkdir()
                write_config(unfinished, contents)
        except OSError as error:
            raise RunError(f"The run cannot be written to {directory}: {error}") from error
        return cls(directory, contents)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Open the directory of a run.

        Raises:
            RunError: if it is not one, or one of another kind or format.
        """
        directory = Path(path)
        try:
            config = read_config(directory)
            kind = config.get("kind", "agent")
            if kind != cls.kind:
                command = _COMMANDS.get(kind, "nothing")
                raise RunError(
                    f"{directory} is a run of another kind: what was trained is not the {cls.kind} that is "
                    f"needed here. What goes on with it is: {command} --resume {directory}"
                )
            return cls(directory, config)
        except FileNotFoundError as error:
            raise RunError(f"{directory} is not a run of csai: it has no config.json.") from error
        except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
            raise RunError(
                f"{directory} is not a run of csai: its config.json is damaged: {error!r}."
            ) from error

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
        names = [path.name for path in (self.path / "checkpoints").glob("step-*")]
        return max((int(name[5:]) for name in names if name[5:].isdigit()), default=0)


def require(is_so: bool, name: str) -> None:
    """Refuse a config with something that csai does not write."""
    if not is_so:
        raise ValueError(f"its {name} is not what csai writes")


@contextmanager
def removed_on_failure(run: RunDirectory | None) -> Iterator[None]:
    """Remove a new run, in which nothing has happened yet, if its training cannot be set up."""
    try:
        yield
    except BaseException:
        if run is not None:
            shutil.rmtree(run.path, ignore_errors=True)
        raise


@contextmanager
def fitting(run: Path) -> Iterator[None]:
    """Turn whatever a state of another shape makes an algorithm raise into a CheckpointError."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, RuntimeError) as error:
        raise CheckpointError(
            f"The checkpoint of {run} does not fit the algorithm as it is here; was it made by another "
            f"version? {type(error).__name__}: {error}"
        ) from error


def default_path(subject: str, method: str) -> Path:
    """Where a run goes that is not told: runs/<subject>-<method>-<time>."""
    name = re.sub(r"[^\w-]+", "-", f"{subject}-{method}").strip("-")[:100]
    stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    path, number = RUNS / stem, 1
    while path.exists():
        number += 1
        path = RUNS / f"{stem}-{number}"
    return path


def read_config(directory: Path) -> dict[str, Any]:
    """What stands in a run's config.json.

    Raises:
        RunError: if it has another format.
        OSError, ValueError, LookupError, TypeError, RecursionError: if it is not one.
    """
    config: dict[str, Any] = json.loads((directory / "config.json").read_text())
    if config["format"] != FORMAT:
        raise RunError(f"{directory} has format {config['format']}; this version of csai reads {FORMAT}.")
    return config


def write_config(directory: Path, contents: Mapping[str, Any]) -> None:
    """Write what stands in a run's config.json."""
    storage.write(directory / "config.json", json.dumps(contents, indent=2) + "\n")


def versions() -> dict[str, str]:
    """The versions of Python and of what a training depends on, as they are here."""
    found = {"python": platform.python_version()}
    for distribution in _DISTRIBUTIONS:
        try:
            found[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
