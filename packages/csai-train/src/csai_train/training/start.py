"""Starting from another run: which it is, what is taken over, and what of its settings still holds."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gymnasium import Space
from gymnasium.envs.registration import WrapperSpec

from csai_core import presets
from csai_core.algorithm import Algorithm, Learned
from csai_core.environments import find_spec
from csai_core.errors import ConfigError
from csai_core.options import as_plain
from csai_core.plugins import installed
from csai_core.spaces import told_apart
from csai_train.algorithms.networks import REPLACED
from csai_train.runs import checkpoint
from csai_train.runs.checkpoints import name_of
from csai_train.runs.run import START, Run

SHAPING = (*REPLACED, "dueling", "log_std_init", "squash", "state_dependent_std")
"""Settings that make a network, which a training that starts from another already has."""


@dataclass(frozen=True)
class Start:
    """What a new training starts from: a run, as one of its checkpoints has it."""

    run: Run
    steps: int
    """How many steps the run had taken."""
    learned: Learned
    kind: str
    """What was learned, as `Algorithm.learns` says."""

    @classmethod
    def open(cls, run: str | os.PathLike[str] | Run, which: str | int = "newest") -> Start:
        """Open a run to start from.

        Args:
            run: the run or its directory.
            which: "newest", "best", or the number of steps that the checkpoint came after; 0 is what the run
                itself was started from.

        Raises:
            RunError: if it is not a run.
            CheckpointError: if it has no such checkpoint, or that is damaged.
        """
        opened = run if isinstance(run, Run) else Run.open(run)
        if which == 0 and opened.config.get("started_from") is not None:
            algorithm, steps = opened.make_algorithm("auto"), 0
        else:
            algorithm, state = opened.load(which, "auto")
            steps = state["steps"]
        return cls(opened, steps, algorithm.learned(), algorithm.learns)

    def settings(self, algorithm: str, environment_id: str | None) -> presets.Preset:
        """What holds where nothing else is said, as a preset.

        For the same algorithm that is the run's config and length, and in the same environment its options;
        otherwise what the preset of that algorithm and environment says, if there is one.
        """
        found = presets.find(environment_id, algorithm) if environment_id else None
        settings = found or presets.Preset(algorithm, algorithm, self.run.total_steps)
        if algorithm == self.run.algorithm_entry.full_name:
            config = as_plain(self.run.settings)
            settings = replace(settings, config=config, total_steps=self.run.total_steps)
        if environment_id == self.run.environment_id:
            spec = self.run.environment
            limit = {} if spec.max_episode_steps is None else {"max_episode_steps": spec.max_episode_steps}
            settings = replace(settings, environment={**spec.kwargs, **limit})
        return settings

    def wrappers(self, environment: str) -> list[WrapperSpec]:
        """What the run's environment is wrapped in beyond how it is registered; nothing for another's id."""
        if environment.rpartition(":")[2] != self.run.environment_id:
            return []
        registered = find_spec(self.run.environment_id).additional_wrappers
        return [*self.run.environment.additional_wrappers[len(registered) :]]

    def require_fitting(
        self, algorithm: str, spaces: tuple[Space[Any], Space[Any]], given: Mapping[str, Any]
    ) -> None:
        """Refuse an algorithm or an environment that cannot go on with what was learned.

        Args:
            algorithm: which shall.
            spaces: of observations and actions, of its environment.
            given: what was given besides, by name: a network, and the config's fields.

        Raises:
            ConfigError: naming what differs.
        """
        learns = getattr(installed().find("algorithms", algorithm).load(), "learns", "")
        if not learns or learns != self.kind:
            raise self._refusal(
                f"it has learned {self.kind or 'nothing that could be handed on'}, and {algorithm} learns "
                f"{learns or 'nothing that could be taken over'}"
            )
        for what, there, here in zip(("observations", "actions"), self.run.spaces, spaces, strict=True):
            if there != here:
                was, is_now = told_apart(there, here)
                raise self._refusal(f"its {what} are {was}, and here they are {is_now}")
        shaping = [name for name in ("network", *SHAPING) if given.get(name) is not None]
        if shaping and self.learned.network is not None:
            raise self._refusal(f"its network comes along, so that {', '.join(shaping)} cannot be given")

    def hand_over(self, algorithm: Algorithm) -> None:
        """Let a new algorithm, which was made with the network, start from the rest.

        Raises:
            ConfigError: if that does not go with its settings.
        """
        try:
            algorithm.start_from(self.learned.state)
        except ConfigError as error:
            raise self._refusal(str(error).rstrip(".")) from error

    def describe(self) -> dict[str, Any]:
        """Where a training was started from, in plain values, with the SHA-256 of the checkpoint's files."""
        path = self.run.path / ("checkpoints/" + name_of(self.steps) if self.steps else START)
        return {
            "run": self.run.path.name,
            "algorithm": self.run.algorithm_name,
            "environment": self.run.environment_id,
            "steps": self.steps,
            "sha256": {
                name: file["sha256"] for name, file in checkpoint.read_manifest(path)["files"].items()
            },
        }

    def _refusal(self, reason: str) -> ConfigError:
        run = self.run
        return ConfigError(
            f"This training cannot start from {run.path}, a run of {run.algorithm_name} in "
            f"{run.environment_id}: {reason}."
        )
