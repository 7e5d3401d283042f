"""The snapshots that a training keeps of itself, a few over its whole length, for films of growing skill."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import Path

from csai_core import storage
from csai_train.errors import CheckpointError
from csai_train.runs import snapshot
from csai_train.runs.checkpoints import name_of
from csai_train.runs.snapshot import Snapshot

SNAPSHOTS = "snapshots"
KEPT = 6
LARGEST_KEPT = 2**23
"""Bytes; none larger are kept."""
_NAME = re.compile(r"step-([0-9]{12,15})\.safetensors")
_SPAN = 400
"""The last of them comes so many times as late as the first."""


class SnapshotFolder:
    """Snapshots named after the steps taken: `snapshots/step-000000002048.safetensors` and so on.

    Args:
        run: the run's directory.
    """

    def __init__(self, run: Path) -> None:
        self.path = run / SNAPSHOTS

    def steps(self) -> list[int]:
        """After how many steps there is one, in their order."""
        found = (_NAME.fullmatch(path.name) for path in self.path.glob("step-*"))
        return sorted(int(each[1]) for each in found if each)

    def read(self, steps: int) -> Snapshot:
        """The snapshot after so many steps.

        Raises:
            CheckpointError: if it is missing, damaged, or comes after other steps.
        """
        path = self._place(steps)
        found = snapshot.read(path)
        if found.steps != steps:
            raise CheckpointError(f"{path} does not belong here: it comes after {found.steps:,} steps.")
        return found

    def newest(self) -> Snapshot | None:
        """The last of those that are whole; None without any."""
        for steps in reversed(self.steps()):
            with suppress(CheckpointError):
                return self.read(steps)
        return None

    def save(self, steps: int, data: bytes) -> None:
        """Keep a snapshot; where the machine itself stops, it may be lost.

        Raises:
            OSError: if it cannot be written.
        """
        storage.write(self._place(steps), data, is_lasting=False)

    def forget_after(self, steps: int) -> None:
        """Remove those of a future that was undone."""
        for later in self.steps():
            if later > steps:
                storage.remove(self._place(later))

    def _place(self, steps: int) -> Path:
        return self.path / f"{name_of(steps)}.safetensors"


def due_after(done: int, total: int) -> int | None:
    """When the next snapshot is due, after so much of so much is done; None after the last.

    The first comes early, and each later one as many times as late as the one before: skill grows fast at
    first.
    """
    factor = _SPAN ** (1 / (KEPT - 1))
    due = (max(1, round(total / _SPAN * factor**number)) for number in range(KEPT))
    return next((each for each in due if each > done), None)
