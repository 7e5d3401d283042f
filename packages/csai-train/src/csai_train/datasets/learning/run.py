"""A run of a network on a dataset: the directory from which it can be continued and looked at.

Besides what every run has, it holds net.safetensors (the network as it was made), mistakes.png (what the
trained one gets wrong), and curves.png with loss and errors.
"""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from csai_core import options
from csai_core.schema import Schema, an_object_with, is_count, is_object, is_text, optional
from csai_train.datasets.learning.config import DatasetConfig
from csai_train.datasets.learning.history import History
from csai_train.errors import RunError
from csai_train.events import Epoch
from csai_train.runs.checkpoints import CheckpointFolder
from csai_train.runs.directory import RunDirectory
from csai_train.runs.events_file import read_events
from csai_train.runs.misfits import fitting

if TYPE_CHECKING:
    from csai_neural import Net

NET = "net.safetensors"


class DatasetRun(RunDirectory):
    """The directory of one training of a network on a dataset.

    Args:
        path: the directory.
        config: what its `config.json` holds.

    Raises:
        ValueError: if the config is none.
    """

    kind: ClassVar[str] = "dataset"
    schema: ClassVar[Schema] = {
        **RunDirectory.schema,
        "dataset": an_object_with(
            {"name": is_text, "contents": is_text, "entry": optional(is_text), "options": optional(is_object)}
        ),
        "network": is_text,
        "steps_per_epoch": is_count,
        "processes": optional(is_count),
    }

    def __init__(self, path: Path, config: Mapping[str, Any]) -> None:
        super().__init__(path, config)
        self.dataset: Mapping[str, Any] = config["dataset"]
        self.network: str = config["network"]
        self.steps_per_epoch: int = config["steps_per_epoch"]
        self.processes: int = config.get("processes") or 1

    @classmethod
    def create(
        cls,
        path: str | os.PathLike[str],
        *,
        dataset: Mapping[str, Any],
        network: str,
        config: DatasetConfig,
        epochs: int,
        steps_per_epoch: int,
        seed: int,
        callbacks: Sequence[str] = (),
        checkpoint_every: int | None = None,
        processes: int = 1,
    ) -> DatasetRun:
        """Make the directory of a new run.

        Args:
            path: where.
            dataset: its name, what it holds ("contents"), and how to make it again ("entry", "options").
            network: the network in words, exact enough to tell whether another is the same.
            config: how it is trained.
            epochs: how often every example is seen.
            steps_per_epoch: how many batches an epoch has.
            seed: decides everything random.
            callbacks: the names of registered callbacks.
            checkpoint_every: keep a checkpoint every so many batches.
            processes: how many train together.

        Raises:
            RunError: if it exists already, or cannot be written.
        """
        about = {
            "dataset": dict(dataset),
            "network": network,
            "total_steps": epochs * steps_per_epoch,
            "steps_per_epoch": steps_per_epoch,
            "seed": seed,
            "config": asdict(config),
            "callbacks": list(callbacks),
            "checkpoint_every": checkpoint_every,
            "processes": processes if processes > 1 else None,
        }
        return cls.make(path, about)

    @property
    def method(self) -> str:
        """What trains."""
        return "train_on_dataset"

    @property
    def subject(self) -> str:
        """The name of the dataset."""
        return str(self.dataset["name"])

    @property
    def epochs(self) -> int:
        """How often every example is seen by the end."""
        return self.total_steps // self.steps_per_epoch

    @cached_property
    def settings(self) -> DatasetConfig:
        """How it is trained."""
        config: DatasetConfig = options.build(DatasetConfig, self.config["config"])
        return config

    @cached_property
    def checkpoints(self) -> CheckpointFolder:
        """The states that were saved."""
        belongs_to = {"dataset": self.dataset["contents"], "network": self.network}
        return CheckpointFolder(self.path, belongs_to)

    def history(self) -> History:
        """Loss and accuracy so far, as `events.jsonl` tells them."""
        names = {field.name for field in fields(Epoch)}
        epochs, curve = [], []
        for event in read_events(self.path):
            if event["event"] == "epoch":
                values: dict[str, Any] = {
                    name: math.nan if event.get(name) is None else event[name] for name in names
                }
                epochs.append(Epoch(**values))
            elif event["event"] == "update" and event["metrics"].keys() >= {"loss", "accuracy"}:
                curve.append((event["steps"], event["metrics"]["loss"], event["metrics"]["accuracy"]))
        return History(epochs, curve, self.steps_per_epoch, self.subject)

    def make_dataset(self) -> Any:
        """The dataset, made again by the name it is registered by.

        Raises:
            RunError: if it is registered by none, or has a transform of its own.
            UnknownNameError: if it is not installed.
        """
        if self.dataset["entry"] is None or self.dataset["options"] is None:
            raise RunError(
                f"{self.path} was trained on {self.subject}, which cannot be made again from the run: it is "
                "no registered dataset, or has its own transform. Give it: resume_on_dataset(run, dataset=…)."
            )
        return self.plugins.find("datasets", self.dataset["entry"]).make(**self.dataset["options"])

    def make_net(self) -> Net:
        """The network as it was made for the run.

        Raises:
            RunError: if it is no Net of blocks, and so cannot be made again.
        """
        from csai_neural import Net

        if not (self.path / NET).is_file():
            raise RunError(
                f"{self.path} holds no {NET}, as its network is not one of registered blocks. Give it: "
                "resume_on_dataset(run, net=...)."
            )
        with self.plugins.told():
            return Net.load(self.path / NET)

    def net(self, which: str | int = "best") -> Net:
        """The network as a checkpoint has it.

        Args:
            which: "newest", "best", or the number of steps it came after.

        Raises:
            CheckpointError: if there is no such checkpoint, or it is damaged.
        """
        net = self.make_net()
        state = self.checkpoints.load(which)
        with fitting(self.path):
            net.load_state_dict(state["trainer"]["model"])
        return net
