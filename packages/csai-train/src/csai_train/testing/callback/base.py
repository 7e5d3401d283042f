"""What the checks of callbacks share: how one is made, and the trainings that it listens to."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import tempfile
import threading
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from csai_core.plugins import installed
from csai_core.testing import Suite, fail
from csai_train.datasets import train_on_dataset
from csai_train.errors import CallbackError
from csai_train.events import Callback
from csai_train.runs.directory import RunDirectory
from csai_train.testing.callback.remains import left_running, open_files, own_files
from csai_train.testing.callback.watched import StopAt, Tells, Watched
from csai_train.training.loop import Training
from csai_train.training.train import train

STEPS = 300
"""Of the trainings of agents."""
_CONFIG = {"num_envs": 1, "hidden_sizes": [8], "episodes_per_update": 4}


class CallbackChecks(Suite):
    """What a subclass names, and what becomes of the callback in trainings."""

    environment: ClassVar[str] = "CartPole-v1"
    """The id of the environment that is trained in; its episodes end after about twenty steps."""

    def make(self, run: RunDirectory) -> Any:
        """Make the callback for a run."""
        if not self.entry_name:
            return super().make()
        return installed().find("callbacks", self.entry_name).load()(run)

    # --- inner workings

    @functools.cached_property
    def _of_agent(self) -> Traces:
        """What it leaves behind of the training of an agent, in which everything happened."""
        with new_folder() as folder:
            here = folder / "here"
            here.mkdir()
            before = set(threading.enumerate())
            with contextlib.chdir(here):
                watched, training = self._trained(folder / "run", [Tells()])
            return Traces(
                watched=watched,
                steps=training.steps,
                state=copy.deepcopy(training.state_dict()),
                files=own_files(folder / "run"),
                open_files=open_files(folder, watched.callback),
                written_elsewhere=sorted(path.name for path in here.iterdir()),
                threads=left_running(before),
            )

    @functools.cached_property
    def _of_dataset(self) -> Watched:
        """It, after a training on a dataset."""
        with new_folder() as folder, quiet():
            watched = Watched(self.make, folder / "run")
            train_on_dataset("linear", _Points(), 2, seed=1, run_dir=folder / "run", callbacks=[watched])
        return watched

    @functools.cached_property
    def _cut_short(self) -> dict[str, tuple[Watched, list[str]]]:
        """It, after trainings that ended at once, and the files that it left open, by how they ended."""
        found = {}
        for words, fails in (
            ("was stopped after 3 steps, before an episode ended", False),
            ("failed after 3 steps", True),
        ):
            with new_folder() as folder:
                watched, _ = self._trained(folder / "run", [StopAt(3, fails=fails)])
                found[words] = watched, open_files(folder, watched.callback)
        return found

    def _trained(
        self, path: Path, others: Sequence[Callback], total_steps: int = STEPS
    ) -> tuple[Watched, Any]:
        """It, after the training of an agent; of one that was told to fail, there is no training."""
        watched, training = Watched(self.make, path), None
        with contextlib.suppress(CallbackError):
            training = train_quietly(self.environment, path, [watched, *others], total_steps)
        return watched, training


@dataclass(frozen=True)
class Traces:
    """What a callback leaves behind."""

    watched: Watched
    steps: int
    state: Any
    """Of the training, at its end."""
    files: dict[str, bytes]
    """In its run, by path."""
    open_files: list[str]
    written_elsewhere: list[str]
    """Where the program happened to be."""
    threads: list[str]
    """That it has left running."""


class _Points:
    """Two clouds of points."""

    num_classes = 2

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        labels = random.integers(2, size=40)
        points = (random.normal(0, 0.5, (40, 2)) + 2 * labels[:, None]).astype(np.float32)
        self.trainset = points[:30], labels[:30]
        self.testset = points[30:], labels[30:]


def train_quietly(
    environment: str, path: Path, callbacks: Sequence[Callback], total_steps: int = STEPS
) -> Training:
    """A training of an agent that is over."""
    with quiet():
        return train(
            "reinforce",
            environment,
            total_steps=total_steps,
            seed=3,
            config=_CONFIG,
            preset=None,
            backend="torch",
            device="cpu",
            run_dir=path,
            callbacks=callbacks,
            health=False,  # rules of others may do anything
        )


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Let nothing of it appear in the middle of a report, and no warning fail where warnings are errors."""
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def new_folder() -> Iterator[Path]:
    """A folder that the program is in meanwhile, and that is gone afterwards with whatever was written."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield Path(folder)


def require(watched: Watched, kind: str) -> None:
    """Refuse what was noted as wrong, of one kind."""
    if message := watched.problems.get(kind):
        fail(message)
