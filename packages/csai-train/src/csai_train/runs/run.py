"""A run of an agent: the directory from which it can be continued, evaluated and watched.

Besides what every run has (see `directory`), it may hold video/, games of the trained agent, and
network.safetensors, the network that the training was given, as it was then, and start/, what else it took
over from the run that it was started from.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar

from gymnasium import Space
from gymnasium.envs.registration import EnvSpec

from csai_core.algorithm import Algorithm
from csai_core.schema import Schema, an_object_with, is_count, is_text, is_whole, optional
from csai_core.spaces import encode_space
from csai_train.agent import TrainedAgent
from csai_train.algorithms.registry import configure, make_algorithm
from csai_train.environments.make import close, make_single
from csai_train.runs import checkpoint, env_spec
from csai_train.runs.checkpoints import CheckpointFolder
from csai_train.runs.directory import RunDirectory, described, fitting, removed_on_failure
from csai_train.runs.network import build_network, describe_network, keep_weights

START = "start"


class Run(RunDirectory):
    """The directory of one training of an agent.

    Args:
        path: the directory.
        config: what its `config.json` holds.

    Raises:
        ValueError: if the config is not one.
    """

    kind: ClassVar[str] = "agent"
    schema: ClassVar[Schema] = {
        **RunDirectory.schema,
        "algorithm": is_text,
        "environment": an_object_with(env_spec.SCHEMA),
        "total_episodes": optional(is_count),
        "network": optional(an_object_with({"kind": is_text})),
        "device": optional(is_text),
        "backend": optional(is_text),
        "workers": optional(is_count),
        "started_from": optional(
            an_object_with(
                {
                    **dict.fromkeys(("run", "algorithm", "environment"), is_text),
                    "steps": is_whole,
                    "sha256": an_object_with({"tensors.safetensors": is_text}),
                }
            )
        ),
    }

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        super().__init__(path, config)
        self.algorithm_name: str = config["algorithm"]
        self.total_episodes: int | None = config.get("total_episodes")
        self.workers: int | None = config.get("workers")

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
        network: Any = None,
        device: str = "auto",
        backend: str = "auto",
        computing: Mapping[str, str] | None = None,
        total_episodes: int | None = None,
        workers: int | None = None,
        started_from: Mapping[str, Any] | None = None,
        start_state: Mapping[str, Any] | None = None,
    ) -> Run:
        """Make the directory of a new run.

        Args:
            path: where.
            algorithm: what learns.
            environment: where it learns.
            config: how it learns.
            total_steps: how long.
            seed: decides everything random.
            callbacks: the names of those that are notified of it.
            checkpoint_every: keep a checkpoint every so many steps.
            network: the network that was given, if any was.
            device: where it was asked to be computed.
            backend: who was asked to compute it.
            computing: how it is computed, as `Algorithm.describe` says.
            total_episodes: after how many episodes it ends, if that is sooner.
            workers: into how many processes its environments are put.
            started_from: which run it was started from, in plain values; None where it was not.
            start_state: what it took over from there besides the network; see `Algorithm.start_from`.

        Raises:
            RunError: if it exists already, or cannot be written.
            ConfigError: if the network cannot be made again, as a plain torch module and a block of no plugin
                cannot.
        """
        about = {
            "algorithm": algorithm,
            "environment": env_spec.describe(environment),
            "total_steps": total_steps,
            "total_episodes": total_episodes,
            "seed": seed,
            "config": asdict(config),
            "callbacks": list(callbacks),
            "checkpoint_every": checkpoint_every,
            "network": None if network is None else describe_network(network),
            "device": device,
            "backend": backend,
            "computing": dict(computing or {}),
            "workers": workers,
            "started_from": started_from,
        }
        run = cls.make(path, about)
        with removed_on_failure(run):
            if network is not None:
                keep_weights(network, run.path)
            if started_from is not None:
                checkpoint.save(run.path / START, start_state or {}, {})
        return run

    @cached_property
    def environment(self) -> EnvSpec:
        """The specification of the environment that the run is trained in.

        Raises:
            UnknownNameError: if it is not registered here.
            RunError: if the registered one is another.
        """
        return env_spec.restore(self.config["environment"])

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
        with described(self.path, "environment"):
            env = make_single(self.environment)
            close(env)
        return env.observation_space, env.action_space

    @cached_property
    def settings(self) -> Any:
        """The algorithm's config dataclass."""
        return configure(self.algorithm_name, self.config["config"])

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

    def network(self) -> Any:
        """The network that the training was given, as it was then; None where it was given none.

        Raises:
            UnknownNameError: if it has a block that is not installed here.
            RunError: if it cannot be made again.
        """
        described = self.config.get("network")
        return None if described is None else build_network(described, self.path)

    def make_algorithm(self, device: str | None = None) -> Algorithm:
        """The algorithm as it was when this run began.

        Args:
            device: where to compute; None takes the device that the run was started with.

        Raises:
            CheckpointError: if what the run was started from is missing or damaged.
        """
        spaces, network = self.spaces, self.network()
        with described(self.path, "algorithm"):
            made = make_algorithm(
                self.algorithm_name,
                *spaces,
                self.settings,
                total_steps=self.total_steps,
                seed=self.seed,
                network=network,
                device=device or self.config.get("device") or "auto",
                backend=self.config.get("backend") or "auto",
            )
        if self.config.get("started_from") is not None:
            state = checkpoint.load(self.path / START)
            with fitting(self.path):
                made.start_from(state)
        return made

    def load(
        self, which: str | int = "newest", device: str | None = None
    ) -> tuple[Algorithm, dict[str, Any]]:
        """The algorithm as a checkpoint has it, and the whole state that the checkpoint holds.

        Args:
            which: "newest", "best", or the number of steps it came after.
            device: where to compute; None takes the device that the run was started with.

        Raises:
            CheckpointError: if there is no such checkpoint, or it is damaged.
        """
        algorithm = self.make_algorithm(device)
        state = self.checkpoints.load(which)
        with fitting(self.path):
            algorithm.load_state_dict(state["algorithm"])
        return algorithm, state

    def agent(self, which: str | int = "newest", device: str = "auto") -> TrainedAgent:
        """The agent as a checkpoint has it.

        Args:
            which: "newest", "best", or the number of steps it came after.
            device: where its network is computed; "auto" chooses, wherever it was trained.

        Raises:
            CheckpointError: if there is no such checkpoint, or it is damaged.
        """
        algorithm, _ = self.load(which, device)
        return TrainedAgent(algorithm, *self.spaces)
