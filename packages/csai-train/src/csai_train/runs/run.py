"""A run: one training's directory, from which it can be continued, evaluated and watched.

config.json      what was trained, where, how, with which versions
events.jsonl     every episode, one JSON object a line
metrics.csv      a table of means and measurements over time
checkpoints/     the newest states of the training
curves.png       the learning curve
video/           games of the trained agent
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from gymnasium.envs.registration import EnvSpec

from csai_core import options
from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_train import opening
from csai_train.agent import TrainedAgent
from csai_train.algorithm import Algorithm
from csai_train.errors import CheckpointError, RunError
from csai_train.runs import checkpoint
from csai_train.training import Training

FORMAT = 1
CHECKPOINTS_KEPT = 2


class Run:
    """One training's directory.

    Args:
        path: the directory.
        config: what its `config.json` holds.
    """

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        self.path = path
        self.config = config
        self.algorithm: str = config["algorithm"]
        self.total_steps: int = config["total_steps"]
        self.seed: int = config["seed"]
        self.environment = EnvSpec.from_json(json.dumps(config["environment"]))

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
    ) -> Run:
        """Make the directory of a new run.

        Raises:
            RunError: if it exists already, or cannot be written.
        """
        contents = {
            "format": FORMAT,
            "algorithm": algorithm,
            "environment": json.loads(environment.to_json()),
            "total_steps": total_steps,
            "seed": seed,
            "config": asdict(config),
            "versions": _versions(),
            "plugins": {r.name: r.origin for r in installed().records if r.status == "ok"},
        }
        directory = Path(path)
        try:
            directory.mkdir(parents=True)
            (directory / "config.json").write_text(json.dumps(contents, indent=2) + "\n")
        except FileExistsError as error:
            raise RunError(
                f"{directory} exists already. Continue it with: csai train --resume {directory}"
            ) from error
        except OSError as error:
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
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RunError(f"{directory} is not a run of csai: {error!r}") from error

    def make_learner(self) -> Algorithm:
        """An untrained algorithm as this run's config says."""
        env = opening.make_single(self.environment)
        env.close()
        return make_learner(
            self.algorithm,
            env.observation_space,
            env.action_space,
            self.settings,
            total_steps=self.total_steps,
            seed=self.seed,
        )

    @property
    def settings(self) -> Any:
        """The algorithm's config dataclass."""
        config_class = installed().find("algorithms", self.algorithm).load_config()
        return options.build(config_class, self.config["config"])

    def agent(self) -> TrainedAgent:
        """The agent as the newest good checkpoint has it.

        Raises:
            CheckpointError: if there is none.
        """
        learner = self.make_learner()
        learner.load_state_dict(self.load_newest()["learner"])
        env = opening.make_single(self.environment)
        env.close()
        return TrainedAgent(learner, env.observation_space, env.action_space)

    def save(self, training: Training) -> Path:
        """Write a checkpoint of the training, then drop the oldest ones."""
        path = self._checkpoints / f"step-{training.steps:012d}"
        if not path.exists():
            checkpoint.save(path, training.state_dict(), {"steps": training.steps})
        for old in self._saved()[CHECKPOINTS_KEPT:]:
            shutil.rmtree(old, ignore_errors=True)
        return path

    def load_newest(self) -> dict[str, Any]:
        """The state in the newest checkpoint that is not damaged.

        Raises:
            CheckpointError: if there is none, with what is wrong with those there are.
        """
        problems = []
        for path in self._saved():
            try:
                return checkpoint.load(path)
            except CheckpointError as error:
                problems.append(str(error))
        raise CheckpointError(" ".join([f"{self.path} holds no usable checkpoint.", *problems]))

    def steps_taken(self) -> int:
        """How far the newest checkpoint has come; 0 without one."""
        for path in self._saved():
            try:
                return int(checkpoint.read_manifest(path)["steps"])
            except CsaiError:
                continue
        return 0

    @property
    def _checkpoints(self) -> Path:
        return self.path / "checkpoints"

    def _saved(self) -> list[Path]:
        """The checkpoints, newest first."""
        return sorted(self._checkpoints.glob("step-*"), reverse=True)


def make_learner(
    algorithm: str,
    observation_space: Any,
    action_space: Any,
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
    name = environment_id.replace("/", "-").replace(":", "-")
    stem = f"{name}-{algorithm}-{time.strftime('%Y%m%d-%H%M%S')}"
    path, number = Path("runs") / stem, 1
    while path.exists():
        number += 1
        path = Path("runs") / f"{stem}-{number}"
    return path


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for distribution in (
        "csai-core",
        "csai-envs",
        "csai-neural",
        "csai-train",
        "gymnasium",
        "numpy",
        "torch",
    ):
        try:
            versions[distribution] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
