"""One seed of a study: a run that is begun, gone on with or left as it is, whatever became of it before."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gymnasium.envs.registration import EnvSpec

from csai_core.environments import import_registering
from csai_core.options import as_plain
from csai_train.algorithms.registry import configure, full_name_of
from csai_train.errors import RunError
from csai_train.evaluation.judgment import judge
from csai_train.runs import env_spec
from csai_train.runs.config_file import CONFIG
from csai_train.runs.evaluation_file import read_evaluation
from csai_train.runs.lock import is_locked
from csai_train.runs.run import Run
from csai_train.training.train import resume, train

_OF_RESUME = ("threads", "workers", "health")
"""What `resume` is told again."""


@dataclass(frozen=True)
class Job:
    """A training with one seed, and where it is kept.

    Args:
        path: its run's directory.
        seed: of everything in it.
        algorithm: as `train` takes it.
        environment: where.
        settings: other arguments of `train`.
        episodes: how many games its agent is judged by at the end.
        modules: what must be imported for the environment to be registered.
    """

    path: Path
    seed: int
    algorithm: str
    environment: EnvSpec
    settings: Mapping[str, Any]
    episodes: int
    modules: Sequence[str] = ()

    @property
    def name(self) -> str:
        """As it is called before others."""
        return f"Seed {self.seed}"

    @property
    def is_busy(self) -> bool:
        """Whether another process is still training it."""
        return is_locked(self.path)

    def saved_steps(self) -> int:
        """After how many steps it would go on."""
        run = self.run
        return 0 if run is None else run.steps_taken()

    @property
    def run(self) -> Run | None:
        """The run, once it exists."""
        return Run.open(self.path) if (self.path / CONFIG).exists() else None

    @property
    def is_done(self) -> bool:
        """Whether it is trained to its end, and judged."""
        run = self.run
        return run is not None and run.steps_taken() >= run.total_steps and read_evaluation(run) is not None

    def carry_out(self) -> bool:
        """Do what is left to be done.

        Returns:
            Whether that was all; False after Ctrl-C or SIGTERM.
        """
        for module in self.modules:
            import_registering(module)
        run = self.run
        if run is None:
            train(self.algorithm, self.environment, seed=self.seed, run_dir=self.path, **self.settings)
        elif run.steps_taken() < run.total_steps:
            resume(run, **{name: self.settings[name] for name in _OF_RESUME if name in self.settings})
        run = Run.open(self.path)
        if run.steps_taken() < run.total_steps:
            return False
        if read_evaluation(run) is None:
            judge(run, run.agent(), self.episodes)
        return True

    def require_same(self) -> None:
        """Refuse a run that is there already and was begun otherwise.

        Raises:
            RunError: if it was.
        """
        run = self.run
        if run is None:
            return
        asked = self._asked()
        settings = {**run.config, **run.config["config"]}
        for name, value in asked.items():
            if value != settings[name]:
                raise RunError(
                    f"{self.path} is a run with {name} {settings[name]!r}, and now {value!r} is asked for. "
                    "Ask for the same to go on with it, or choose another place with --run-dir."
                )

    def _asked(self) -> dict[str, Any]:
        """What a run of this job holds in its config, as far as that was said."""
        asked = {
            "algorithm": full_name_of(self.algorithm),
            "environment": env_spec.describe(self.environment),
            "seed": self.seed,
        }
        if (total_steps := self.settings.get("total_steps")) is not None:
            asked["total_steps"] = total_steps
        if (config := self.settings.get("config")) is not None:
            plain = as_plain(configure(self.algorithm, config))
            asked |= {name: plain[name] for name in (config if isinstance(config, Mapping) else plain)}
        return dict(json.loads(json.dumps(asked)))
