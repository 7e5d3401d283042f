"""What is known of a run of a network on a dataset, and what its numbers mean: for every view of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from csai_train.live.account import Account
from csai_train.live.reference import Reference
from csai_train.runs.directory import RunDirectory


@dataclass
class DatasetFacts:
    """A run of a network on a dataset; see `RunFacts`."""

    unit: ClassVar[str] = "batches"
    run: RunDirectory

    @property
    def title(self) -> str:
        """What is learned, and how."""
        return f"{self.run.subject} by {self.run.method}"

    def total_steps(self, account: Account) -> int:
        """How many batches are planned, by its feed, or else by its run."""
        return account.total_steps or self.run.total_steps

    def measure(self, account: Account) -> str:
        """Which curve is drawn: how many of the examples that it learns from are told right."""
        return "accuracy"

    def heading(self, account: Account) -> str:
        """What that curve is, in words."""
        few = "" if len(account.curve("accuracy")[0]) else ": nothing is measured yet"
        return f"accuracy while learning{few}"

    def references(self, name: str, account: Account) -> list[Reference]:
        """What a curve is compared with: the accuracy on the test set after the last epoch."""
        newest = account.epoch.get("test_accuracy")
        return [] if name != "accuracy" or newest is None else [Reference("test", newest, "-")]

    def numbers(self, account: Account) -> list[str]:
        """How well it does now: loss and accuracy while learning, and in the newest test."""
        found = _told(account.metrics, "")
        tested = _told(account.epoch, "test_")
        if tested:
            found.append(f"test after epoch {account.epoch['epoch']}: {', '.join(tested)}")
        return found or ["nothing is measured yet"]


def _told(measured: Mapping[str, Any], prefix: str) -> list[str]:
    """Loss and accuracy in words, as far as they were measured."""
    forms = {"loss": ".4g", "accuracy": ".1%"}
    found = {name: measured.get(prefix + name) for name in forms}
    return [f"{name} {value:{forms[name]}}" for name, value in found.items() if value is not None]
