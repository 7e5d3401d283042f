"""A run of an agent: the directory from which it can be continued, evaluated and watched.

Besides what every run has (see `directory`), it may hold video/, games of the trained agent, and
network.safetensors, the network that the training was given, as it was then, and start/, what else it took
over from the run that it was started from. A fork has stages: other settings until a step, which are those of
the run that it shares its beginning with.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import gymnasium
from gymnasium import Space
from gymnasium.envs.registration import EnvSpec

from csai_core.algorithm import Algorithm
from csai_core.errors import CsaiError
from csai_core.options import as_plain
from csai_core.play import action_names
from csai_core.plugins import Entry
from csai_core.schema import Schema
from csai_core.spaces import encode_space
from csai_train.agent import TrainedAgent
from csai_train.algorithms.registry import configure, make_algorithm
from csai_train.environments.make import close, make_single
from csai_train.group import Group
from csai_train.group.shares import own_seed, own_share
from csai_train.runs import checkpoint, env_spec
from csai_train.runs.agent_schema import AGENT
from csai_train.runs.checkpoints import CheckpointFolder
from csai_train.runs.directory import RunDirectory, removed_on_failure
from csai_train.runs.misfits import described, fitting
from csai_train.runs.network import build_network, describe_network, keep_weights
from csai_train.runs.stage import Stage, read_stages, stage_at

if TYPE_CHECKING:
    from csai_train.evaluation.film import Film
    from csai_train.runs.picture import Picture

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
    schema: ClassVar[Schema] = {**RunDirectory.schema, **AGENT}

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        super().__init__(path, config)
        self.algorithm_name: str = config["algorithm"]
        self.total_episodes: int | None = config.get("total_episodes")
        self.workers: int | None = config.get("workers")
        self.processes: int = config.get("processes") or 1
        self.stages: tuple[Stage, ...] = read_stages(config)
        """What it was, is and will be trained with, one after the other; of most runs there is one."""

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
        processes: int | None = None,
        preset: str | None = None,
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
            processes: how many train together; None is one.
            preset: whose settings it was begun with, as `plugin:name`; others were said otherwise.
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
            "config": as_plain(config),
            "callbacks": list(callbacks),
            "checkpoint_every": checkpoint_every,
            "network": None if network is None else describe_network(network),
            "device": device,
            "backend": backend,
            "computing": dict(computing or {}),
            "workers": workers,
            "processes": processes,
            "preset": preset,
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
            UntrustedModuleError: if that, or a wrapper, takes a module that nobody has typed on this machine.
            RunError: if the registered one is another, or a wrapper cannot be made.
        """
        with described(self.path, "environment"):
            return env_spec.restore(self.config["environment"], self.plugins)

    @property
    def goal(self) -> float | None:
        """The mean return at which the environment counts as solved, if it says one and is there."""
        with suppress(CsaiError):
            return self.environment.reward_threshold
        return None

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

    @property
    def spaces(self) -> tuple[Space[Any], Space[Any]]:
        """The observation space and the action space of one environment."""
        return self._example.observation_space, self._example.action_space

    @cached_property
    def action_names(self) -> tuple[str, ...] | None:
        """What the actions are called, where that is known; see `csai_core.play.action_names`."""
        return action_names(self._example)

    @cached_property
    def _example(self) -> gymnasium.Env[Any, Any]:
        """One environment, closed: to be asked what it is like."""
        spec = self.environment
        with described(self.path, "environment"), self.plugins.told():
            env = make_single(spec)
            close(env)
        return env

    @cached_property
    def algorithm_entry(self) -> Entry:
        """The algorithm as it is installed here.

        Raises:
            UnknownNameError: if it is not, with the plugin to install.
            DuplicateNameError: if the run names it alone, and more than one plugin may be meant.
        """
        return self.plugins.find("algorithms", self.algorithm_name)

    @cached_property
    def settings(self) -> Any:
        """The algorithm's config dataclass.

        Raises:
            UnknownNameError: if it, or a buffer that it names, is not installed, with the plugin to install.
        """
        return self.configure(self.config["config"])

    def configure(self, config: Mapping[str, Any]) -> Any:
        """The algorithm's config dataclass with other settings than the run's.

        Raises:
            UnknownNameError: if there is no such setting, or something that it names is not installed.
            ConfigError: if a value cannot work.
        """
        return configure(self.algorithm_entry.full_name, config, self.plugins.find)

    def stage_at(self, steps: int) -> Stage:
        """The stage in which the step comes that is taken after so many."""
        return stage_at(self.stages, steps)

    @cached_property
    def checkpoints(self) -> CheckpointFolder:
        """The states that were saved; those at which a stage begins are never removed."""
        observation_space, action_space = self.spaces
        return CheckpointFolder(
            self.path,
            {
                "algorithm": self.algorithm_name,
                "environment": self.environment_id,
                "observation_space": encode_space(observation_space),
                "action_space": encode_space(action_space),
            },
            kept={stage.until for stage in self.stages if stage.until is not None},
        )

    def network(self) -> Any:
        """The network that the training was given, as it was then; None where it was given none.

        Raises:
            UnknownNameError: if it has a block that is not installed here.
            RunError: if it cannot be made again.
        """
        described = self.config.get("network")
        with self.plugins.told():
            return None if described is None else build_network(described, self.path)

    def require_plugins(self) -> None:
        """Refuse a run that names something of a plugin that is not installed here.

        Raises:
            CsaiError: naming what is missing, and the plugin to install.
        """
        _ = self.environment, self.settings, self.network()
        for name in self.callbacks:
            self.plugins.find("callbacks", name)

    def make_algorithm(
        self, device: str | None = None, stage: Stage | None = None, group: Group | None = None
    ) -> Algorithm:
        """The algorithm as it was when this run began.

        Args:
            device: where to compute; None takes the device that the run was started with.
            stage: with which settings; None takes those that the run began with.
            group: the processes of which this one makes its own; None is a single one.

        Raises:
            CheckpointError: if what the run was started from is missing or damaged.
        """
        spaces, network = self.spaces, self.network()
        group = Group() if group is None else group
        stage = self.stages[0] if stage is None else stage
        with described(self.path, "algorithm"):
            made = make_algorithm(
                self.algorithm_entry.full_name,
                *spaces,
                own_share(self.configure(stage.config), group),
                total_steps=stage.total_steps,
                seed=own_seed(self.seed, group),
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
        state = self.checkpoints.load(which)
        group = Group(size=state.get("num_processes", 1))
        algorithm = self.make_algorithm(device, self.stage_at(state.get("steps", 0)), group)
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
        return self._played_by(algorithm)

    def untrained_agent(self) -> TrainedAgent:
        """The agent as it was before the training, for whoever puts into it what was learned by some moment.

        Raises:
            CheckpointError: if what the run was started from is missing or damaged.
        """
        return self._played_by(self.make_algorithm("auto"))

    def _played_by(self, algorithm: Algorithm) -> TrainedAgent:
        return TrainedAgent(algorithm, *self.spaces, action_names=self.action_names)

    # --- seeing it

    def plot(
        self, *others: Run, facets: Sequence[str] = (), scale: str = "steps", smooth: int | None = None
    ) -> Picture:
        """The learning curve, which a notebook shows; with other runs, all of them in one picture.

        Args:
            *others: runs to compare it with.
            facets: what is drawn, such as ("return", "entropy"); see `csai plot --help`.
            scale: over "steps", "episodes" or "time".
            smooth: over how many episodes the mean is; None chooses.

        Raises:
            RunError: if a run has no finished episode yet.
            UnknownNameError: if nothing of that name was measured.
        """
        from csai_train.runs.curves import figure_of
        from csai_train.runs.picture import Picture

        runs = [self, *others]
        figure = figure_of(runs, facets=facets, scale=scale, smooth=smooth)
        return Picture(figure, f"the curves of {', '.join(run.path.name for run in runs)}")

    def watch(
        self,
        *,
        thinks: bool = False,
        overlays: Sequence[str] = (),
        which: str | int = "newest",
        seed: int | None = None,
        max_steps: int | None = None,
    ) -> Film:
        """A game of the trained agent as a film, which a notebook shows; no display is needed.

        Args:
            thinks: whether what the agent thinks is drawn beside the game.
            overlays: names of overlays (`csai_core.overlays`) that are painted over it, the lowest first.
            which: as "newest", "best", or the checkpoint after so many steps has it.
            seed: of the game; None draws one.
            max_steps: after how many steps the film ends; None is 600.

        Raises:
            RunError: if the environment draws no pictures.
            CheckpointError: if there is no such checkpoint.
            UnknownNameError: if an overlay is none, or would not be true for this game and agent.
        """
        from csai_train.evaluation.film import film_game

        return film_game(self, thinks=thinks, overlays=overlays, which=which, seed=seed, max_steps=max_steps)

    def _repr_html_(self) -> str:
        from csai_train.runs.card import run_card

        return run_card(self)
