"""A run of an agent: the directory from which it can be continued, evaluated and watched.

Besides what every run has (see `directory`), it may hold video/, games of the trained agent.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from gymnasium import Space
from gymnasium.envs.registration import EnvSpec

from csai_core import options
from csai_core.algorithm import Algorithm
from csai_core.errors import CsaiError
from csai_core.plugins import installed
from csai_core.spaces import encode_space
from csai_train.agent import TrainedAgent
from csai_train.environments.make import make_single
from csai_train.errors import RunError
from csai_train.runs import env_spec
from csai_train.runs.checkpoints import CheckpointFolder
from csai_train.runs.directory import RunDirectory, fitting, require


class Run(RunDirectory):
    """The directory of one training of an agent.

    Args:
        path: the directory.
        config: what its `config.json` holds.

    Raises:
        LookupError, TypeError, ValueError: if the config is not one.
    """

    kind: ClassVar[str] = "agent"

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        self.algorithm_name: str = config["algorithm"]
        self.callbacks: Sequence[str] = config["callbacks"]
        require(isinstance(self.algorithm_name, str), "algorithm")
        require(isinstance(config["environment"]["id"], str), "environment")
        super().__init__(path, config)

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
        about = {
            "algorithm": algorithm,
            "environment": env_spec.describe(environment),
            "total_steps": total_steps,
            "seed": seed,
            "config": asdict(config),
            "callbacks": list(callbacks),
            "checkpoint_every": checkpoint_every,
        }
        return cls.make(path, about)

    @cached_property
    def environment(self) -> EnvSpec:
        """The specification of the environment that the run is trained in.

        Raises:
            UnknownNameError: if it is not registered here.
            RunError: if the registered one is another.
        """
        try:
            return env_spec.restore(self.config["environment"])
        except CsaiError:
            raise
        except (LookupError, TypeError, AttributeError, ValueError) as error:
            raise RunError(f"{self.path / 'config.json'} names no environment: {error!r}") from error

    @property
    def method(self) -> str:
        """The algorithm."""
        return self.algorithm_name

    @property
    def subject(self) -> str:
        """The id of the environment."""
        return self.environment_id

    @property
    def environment_id(self) -> str:
        """The id of the environment, known even where it is not installed."""
        return str(self.config["environment"]["id"])

    @cached_property
    def spaces(self) -> tuple[Space[Any], Space[Any]]:
        """The observation space and the action space of one environment."""
        env = make_single(self.environment)
        env.close()
        return env.observation_space, env.action_space

    @cached_property
    def settings(self) -> Any:
        """The algorithm's config dataclass."""
        config_class = installed().find("algorithms", self.algorithm_name).load_config()
        return options.build(config_class, self.config["config"])

    @cached_property
    def checkpoints(self) -> CheckpointFolder:
        """The states that were saved."""
        observation_space, action_space = self.spaces
        return CheckpointFolder(
            self.path,
            {
                "algorithm": self.algorithm_name,
                "environment": self.environment_id,
                "observation_space": encode_space(observation_space),
                "action_space": encode_space(action_space),
            },
        )

    def make_algorithm(self) -> Algorithm:
        """An untrained algorithm as this run's config says."""
        return make_algorithm(
            self.algorithm_name, *self.spaces, self.settings, total_steps=self.total_steps, seed=self.seed
        )

    def agent(self, which: str | int = "newest") -> TrainedAgent:
        """The agent as a checkpoint has it.

        Args:
            which: "newest", "best", or the number of steps it came after.

        Raises:
            CheckpointError: if there is no such checkpoint, or it is damaged.
        """
        algorithm = self.make_algorithm()
        state = self.checkpoints.load(which)
        with fitting(self.path):
            algorithm.load_state_dict(state["algorithm"])
        return TrainedAgent(algorithm, *self.spaces)


def make_algorithm(
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
