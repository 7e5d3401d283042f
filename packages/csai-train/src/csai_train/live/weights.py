"""Where a view has an agent from: what the training hands it now, or what it has kept of itself."""

from __future__ import annotations

import os
from typing import Protocol

from csai_core.algorithm import Algorithm
from csai_train.errors import CheckpointError
from csai_train.runs import snapshot
from csai_train.runs.audience import LIVE, WEIGHTS
from csai_train.runs.run import Run
from csai_train.runs.snapshot import Snapshot
from csai_train.runs.snapshots import SnapshotFolder


class Source(Protocol):
    """Gives snapshots as they come."""

    def newest(self, steps: int) -> Snapshot | None:
        """The newest that has not been given yet, after at most about so many steps; None without any."""


class Handed:
    """What a training that is under way hands to those who watch; before that, what it has kept.

    Args:
        run: whose.
    """

    def __init__(self, run: Run) -> None:
        self._path = run.path / LIVE / WEIGHTS
        self._kept = Kept(run)
        self._seen: tuple[int, int] | None = None

    def newest(self, steps: int) -> Snapshot | None:
        """The newest; one that cannot be read is passed over."""
        try:
            status = os.stat(self._path)
        except OSError:
            return None if self._seen else self._kept.newest(steps)
        seen = status.st_mtime_ns, status.st_ino
        if seen == self._seen:
            return None
        try:
            found = snapshot.read(self._path)
        except CheckpointError:
            return None
        self._seen = seen
        return found


class Kept:
    """What a training has kept of itself, in the order of its steps.

    Args:
        run: whose.
    """

    def __init__(self, run: Run) -> None:
        self._folder = SnapshotFolder(run.path)
        self._given: int | None = None

    def newest(self, steps: int) -> Snapshot | None:
        """The newest of those that there were after so many steps; damaged ones are passed over."""
        for each in sorted(self._folder.steps(), reverse=True):
            if each > steps:
                continue
            if each == self._given:
                return None
            try:
                found = self._folder.read(each)
            except CheckpointError:
                continue
            self._given = each
            return found
        return None


class Pupil:
    """The agent of a training as it is learning: it becomes better while one watches it.

    Args:
        run: whose.
        source: where its weights come from.
    """

    def __init__(self, run: Run, source: Source) -> None:
        self.run = run
        self._source = source
        self.agent = run.untrained_agent()
        self.snapshot: Snapshot | None = None
        """What it plays with; None where it is untrained."""

    @property
    def algorithm(self) -> Algorithm:
        """What decides."""
        return self.agent.algorithm

    def refresh(self, steps: int) -> bool:
        """Take the newest weights, as they were after at most so many steps; whether there were new ones.

        What does not fit is passed over, and the weights from before stay.
        """
        found = self._source.newest(steps)
        if found is None:
            return False
        try:
            snapshot.apply(found, self.algorithm, self.run.path)
        except CheckpointError:
            if self.snapshot is not None:
                snapshot.apply(self.snapshot, self.algorithm, self.run.path)
            return False
        self.snapshot = found
        return True

    @property
    def age(self) -> str:
        """Of which moment of its training it is, in words."""
        return "untrained" if self.snapshot is None else f"after {self.snapshot.steps:,} steps"
