"""A run of csai as a trial of Ray Tune, which takes it from one report to the next."""

from __future__ import annotations

import math
import os
import re
import shutil
from pathlib import Path
from typing import Any, ClassVar

from csai_core import storage
from csai_core.arguments import check_int
from csai_core.environments import find_spec
from csai_core.errors import ConfigError, MissingExtraError
from csai_core.wrapping import with_wrappers
from csai_train import Callback, Run, Training, resume, train
from csai_train.errors import CheckpointError
from csai_train.events import mean_score

try:
    from ray import tune
except ImportError as error:
    raise MissingExtraError("csai-ray needs Ray: pip install 'csai-ray[ray]'") from error

_OF_RESUME = ("threads", "workers", "health")
"""What `resume` is told again."""


class Trial(tune.Trainable):
    """A run that is begun, or gone on with from where it was saved, whatever became of its worker."""

    plan: ClassVar[dict[str, Any]]
    """What all trials have in common: arguments of `train`."""
    runs: ClassVar[Path]
    reports: ClassVar[int]

    def setup(self, config: dict[str, Any]) -> None:
        """Take the settings that Ray has drawn, and know where the run is, which may have begun."""
        # A run that goes on imports no modules by itself: those that were asked for are, before it is opened.
        with_wrappers(find_spec(self.plan["environment"]), self.plan.get("wrappers", ()))
        self._path = self.runs / self.trial_name
        self._settings = config

    def step(self) -> dict[str, Any]:
        """Train until the next report, and leave the run saved, as after Ctrl-C."""
        part = Part(self.reports)
        if self._path.exists():
            again = {name: self.plan[name] for name in _OF_RESUME if name in self.plan}
            training = resume(self._path, callbacks=[part], **again)
        else:
            settings = dict(self._settings)
            plan = {**self.plan, "seed": settings.pop("seed", self.plan.get("seed"))}
            plan["callbacks"] = [*plan.get("callbacks", ()), part]
            training = train(config=settings, run_dir=self._path, **plan)
        score, mean_return = mean_score(training.recent), training.recent_return()
        measured = {"score": mean_return if score is None else score, "mean_return": mean_return}
        return {
            "run": str(self._path),
            "steps": training.steps,
            "episodes": training.num_episodes,
            **{name: math.nan if value is None else value for name, value in measured.items()},
            "done": training.is_complete,
            "should_checkpoint": True,
        }

    def save_checkpoint(self, checkpoint_dir: str) -> None:
        """Give Ray the run as it is, for a worker that does not see its folder."""
        shutil.copytree(self._path, Path(checkpoint_dir, self.trial_name))

    def load_checkpoint(self, checkpoint: Any) -> None:
        """Take the run that Ray has kept in a folder, unless the one that is here has come as far.

        Raises:
            CheckpointError: if it is of another trial.
        """
        kept = Path(checkpoint, self.trial_name)
        if not kept.is_dir():
            raise CheckpointError(
                f"{checkpoint} holds {os.listdir(checkpoint)}, not the run {self.trial_name}. A run "
                "keeps its settings, so schedulers that give a trial the state of another, as population "
                "based training does, cannot work; take one that stops trials."
            )
        here = Run.open(self._path).steps_taken() if self._path.exists() else -1
        if here < Run.open(kept).steps_taken():
            with storage.replacement(self._path) as unfinished:
                shutil.copytree(kept, unfinished)


class Part(Callback):
    """Stops a training where another part of it is done, at a mark.

    Args:
        count: how many parts it has.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._until = math.inf

    def start(self, training: Training) -> None:
        """Plan where to stop."""
        done = training.steps * self._count // training.total_steps
        self._until = (done + 1) * training.total_steps / self._count

    def mark(self, training: Training) -> None:
        """Stop there."""
        if training.steps >= self._until:
            training.stop_requested = True


def trainable(
    algorithm: str,
    environment: str,
    *,
    runs: str | os.PathLike[str],
    reports: int = 10,
    **settings: Any,
) -> type[Trial]:
    """A training as `ray.tune.Tuner` takes it; its search space is of the algorithm's settings and "seed".

    Args:
        algorithm: its name, such as "deep_q_learning".
        environment: its id, which Ray's workers must know too; "my_package:Mine-v0" imports the package.
        runs: the folder in which each trial has its run, called as the trial is.
        reports: how often in a training Ray is told how it goes, and may stop it. Each report costs a
            checkpoint, and that the run is opened again.
        **settings: what else `csai_train.train` takes, such as `total_steps`, `seed` and `preset`;
            `callbacks` by name alone.

    Raises:
        ConfigError: if `reports` or a callback cannot work.
    """
    check_int("trainable", "reports", reports, least=1, most=200)
    if not all(isinstance(each, str) for each in settings.get("callbacks", ())):
        raise ConfigError(f"callbacks is {settings['callbacks']!r}; a trial takes those that have a name.")
    plan = {"algorithm": algorithm, "environment": environment, **settings}
    name = re.sub(r"[^\w.-]+", "-", f"{environment}-{algorithm}")
    return type(name, (Trial,), {"plan": plan, "runs": Path(runs).absolute(), "reports": reports})
