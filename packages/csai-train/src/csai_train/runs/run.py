"""A run: one training's directory, from which it can be continued, evaluated and watched.

config.json      what was trained, where, how, with which versions
events.jsonl     the feed: everything that happened, one JSON object a line
metrics.csv      a table of means and measurements over time
checkpoints/     states of the training: the newest, the best, and others if asked for
best.json        which checkpoint is the best
curves.png       the learning curve
video/           games of the trained agent
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from gymnasium import Space
from gymnasium.envs.registration import EnvSpec

from csai_core import options
from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_train import opening
from csai_train.agent import TrainedAgent
from csai_train.algorithm import Algorithm
from csai_train.errors import CheckpointError, RunError
from csai_train.runs import rebuilding, spaces
from csai_train.runs.folder import CheckpointFolder

FORMAT = 1
RUNS = Path("runs")
"""Where runs go that are not told."""
_DISTRIBUTIONS = ("csai-core", "csai-envs", "csai-neural", "csai-train", "gymnasium", "numpy", "torch")


class Run:
    """One training's directory.

    Args:
        path: the directory.
        config: what its `config.json` holds.

    Raises:
        LookupError, TypeError, ValueError: if the config is none.
    """

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        self.path = path
        self.config = config
        self.algorithm: str = config["algorithm"]
        self.total_steps: int = config["total_steps"]
        self.seed: int = config["seed"]
        self.callbacks: Sequence[str] = config["callbacks"]
        self.checkpoint_every: int | None = config["checkpoint_every"]
        _require(isinstance(self.algorithm, str), "algorithm")
        _require(isinstance(self.total_steps, int) and self.total_steps > 0, "total_steps")
        _require(isinstance(self.seed, int), "seed")
        _require(isinstance(config["created"], (int, float)), "created")
        _require(isinstance(config["environment"]["id"], str), "environment")

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        *,
        algorithm: str,
        environment: EnvSpec,
        config: Any,
        total_steps: int,
        seed: int,
        callbacks: Sequence[str] = (),
        checkpoint_every: int | None = None,
    ) -> Run:
        """Make the directory of a new run.

        Raises:
            RunError: if it exists already, or cannot be written.
        """
        contents = {
            "format": FORMAT,
            "algorithm": algorithm,
            "environment": rebuilding.describe(environment),
            "total_steps": total_steps,
            "seed": seed,
            "config": asdict(config),
            "callbacks": list(callbacks),
            "checkpoint_every": checkpoint_every,
            "created": time.time(),
            "versions": versions(),
            "plugins": {r.name: r.origin for r in installed().records if r.status == "ok"},
        }
        directory = Path(path)
        if directory.exists():
            raise RunError(
                f"{directory} exists already. Continue it with: csai train --resume {directory}"
                if (directory / "config.json").exists()
                else f"{directory} exists already, and is no run; choose another place with --run-dir."
            )
        aside = directory.with_name(f".{directory.name}.{os.getpid()}")
        try:
            aside.mkdir(parents=True)
            _write_config(aside, contents)
            aside.rename(directory)
        except OSError as error:
            shutil.rmtree(aside, ignore_errors=True)
            raise RunError(f"The run cannot be written to {directory}: {error}") from error
        return cls(directory, contents)

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Run:
        """Open the directory of a run.

        Raises:
            RunError: if it is not one, or one of another format.
        """
        directory = Path(path)
        try:
            config = json.loads((directory / "config.json").read_text())
            if config["format"] != FORMAT:
                raise RunError(
                    f"{directory} has format {config['format']}; this version of csai reads {FORMAT}."
                )
            return cls(directory, config)
        except FileNotFoundError as error:
            raise RunError(f"{directory} is not a run of csai: it has no config.json.") from error
        except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
            raise RunError(
                f"{directory} is not a run of csai: its config.json is damaged: {error!r}."
            ) from error

    def extend(self, total_steps: int) -> Run:
        """This run with more steps to take; what decays over a training is planned anew.

        Raises:
            RunError: if that is not more, or cannot be written.
        """
        if total_steps <= self.total_steps:
            raise RunError(
                f"{self.path} is planned for {self.total_steps:,} steps; to extend it, give more than that."
            )
        contents = {**self.config, "total_steps": total_steps}
        try:
            _write_config(self.path, contents)
        except OSError as error:
            raise RunError(f"The run {self.path} cannot be written: {error}") from error
        return Run(self.path, contents)

    @cached_property
    def environment(self) -> EnvSpec:
        """The specification of the environment that the run is trained in.

        Raises:
            UnknownNameError: if it is not registered here.
            RunError: if the registered one is another.
        """
        try:
            return rebuilding.restore(self.config["environment"])
        except CsaiError:
            raise
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise RunError(f"{self.path / 'config.json'} names no environment: {error!r}") from error

    @property
    def created(self) -> float:
        """When the run was started, in seconds since 1970."""
        return float(self.config["created"])

    @property
    def environment_id(self) -> str:
        """The id of the environment, known even where it is not installed."""
        return str(self.config["environment"]["id"])

    @cached_property
    def spaces(self) -> tuple[Space[Any], Space[Any]]:
        """The observation space and the action space of one environment."""
        env = opening.make_single(self.environment)
        env.close()
        return env.observation_space, env.action_space

    @cached_property
    def settings(self) -> Any:
        """The algorithm's config dataclass."""
        config_class = installed().find("algorithms", self.algorithm).load_config()
        return options.build(config_class, self.config["config"])

    @cached_property
    def checkpoints(self) -> CheckpointFolder:
        """The states that were saved."""
        observation_space, action_space = self.spaces
        return CheckpointFolder(
            self.path,
            {
                "algorithm": self.algorithm,
                "environment": self.environment_id,
                "observation_space": spaces.describe(observation_space),
                "action_space": spaces.describe(action_space),
            },
        )

    def make_learner(self) -> Algorithm:
        """An untrained algorithm as this run's config says."""
        return make_learner(
            self.algorithm, *self.spaces, self.settings, total_steps=self.total_steps, seed=self.seed
        )

    def agent(self, which: str | int = "newest") -> TrainedAgent:
        """The agent as a checkpoint has it.

        Args:
            which: "newest", "best", or the number of steps it came after.

        Raises:
            CheckpointError: if there is no such checkpoint, or it is damaged.
        """
        learner = self.make_learner()
        state = self.checkpoints.load(which)
        with fitting(self.path):
            learner.load_state_dict(state["learner"])
        return TrainedAgent(learner, *self.spaces)

    def steps_taken(self) -> int:
        """How far the newest checkpoint has come, by its name; 0 without one."""
        names = [path.name for path in (self.path / "checkpoints").glob("step-*")]
        return max((int(name[5:]) for name in names if name[5:].isdigit()), default=0)


def _require(is_so: bool, name: str) -> None:
    if not is_so:
        raise ValueError(f"its {name} is not what csai writes")


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


def make_learner(
    algorithm: str,
    observation_space: Space[Any],
    action_space: Space[Any],
    config: Any,
    *,
    total_steps: int,
    seed: int,
) -> Algorithm:
    """An untrained algorithm by its registered name.

    Raises:
        UnknownNameError: if there is no such algorithm, with the nearest name.
    """
    make: Callable[..., Algorithm] = installed().find("algorithms", algorithm).load()
    return make(observation_space, action_space, config, total_steps=total_steps, seed=seed)


def default_path(environment_id: str, algorithm: str) -> Path:
    """Where a run goes that is not told: runs/<environment>-<algorithm>-<time>."""
    name = re.sub(r"[^\w-]+", "-", f"{environment_id}-{algorithm}").strip("-")[:100]
    stem = f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"
    path, number = RUNS / stem, 1
    while path.exists():
        number += 1
        path = RUNS / f"{stem}-{number}"
    return path


def find_runs(folder: Path = RUNS) -> list[Run]:
    """The runs in a folder, newest first; what is none is passed over."""
    runs = []
    for path in folder.glob("*/config.json") if folder.is_dir() else ():
        try:
            runs.append(Run.open(path.parent))
        except RunError:
            continue
    return sorted(runs, key=lambda run: (run.created, run.path.name), reverse=True)


def newest_run(environment_id: str, algorithm: str | None = None, folder: Path = RUNS) -> Run:
    """The run of an environment, and of an algorithm if one is given, that was started last.

    Raises:
        RunError: if there is none.
    """
    for run in find_runs(folder):
        if run.environment_id == environment_id and algorithm in (None, run.algorithm):
            return run
    of = f" with {algorithm}" if algorithm else ""
    raise RunError(f"There is no run of {environment_id}{of} in {folder}{os.sep} to continue.")


def _write_config(directory: Path, contents: Mapping[str, Any]) -> None:
    """Write config.json so that it is whole or as it was, even after a crash."""
    path = directory / "config.json"
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("w") as file:
        file.write(json.dumps(contents, indent=2) + "\n")
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)


def versions() -> dict[str, str]:
    """The versions of Python and of what a training depends on, as they are here."""
    found = {"python": platform.python_version()}
    for distribution in _DISTRIBUTIONS:
        try:
            found[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
