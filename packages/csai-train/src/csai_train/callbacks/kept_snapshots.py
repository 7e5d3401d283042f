"""Keeps a few small snapshots over a training, so that its growing skill can be seen afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from csai_train.errors import CheckpointError
from csai_train.events import Callback
from csai_train.runs import snapshot
from csai_train.runs.run import Run
from csai_train.runs.snapshot import Snapshot
from csai_train.runs.snapshots import LARGEST_KEPT, SnapshotFolder, due_after

if TYPE_CHECKING:
    from csai_train.training.loop import Training


class KeptSnapshots(Callback):
    """Writes six snapshots to `snapshots/` in a run, at marks, closer together at the start.

    Where one is larger than 8 MB none are kept, which the training warns of once.

    Args:
        run: where to write.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._folder = SnapshotFolder(run.path)
        self._due: int | None = None

    def start(self, training: Training) -> None:
        """Plan when, and forget what an earlier training has kept of later steps."""
        self._folder.forget_after(training.steps)
        self._plan(training, self._folder.newest())

    def mark(self, training: Training) -> None:
        """Keep one if it is due."""
        if self._due is None or not (training.progress()[0] >= self._due or training.is_complete):
            return
        kept = snapshot.of(training, self._run.algorithm_name)
        self._plan(training, kept)
        try:
            self._keep(training, kept)
        except (OSError, CheckpointError) as error:
            training.warn(f"A snapshot could not be kept for csai replay: {error}")

    def _plan(self, training: Training, kept: Snapshot | None) -> None:
        """Find when the next one is due after the last that was kept."""
        done, total = 0, training.progress()[1]
        if kept is not None:
            done = kept.steps if total == training.total_steps else kept.episodes
        self._due = due_after(done, total)

    def _keep(self, training: Training, kept: Snapshot) -> None:
        data = snapshot.to_bytes(kept)
        if len(data) <= LARGEST_KEPT:
            self._folder.save(kept.steps, data)
            return
        self._due = None
        training.warn(
            f"A snapshot of this agent has {len(data) / 1e6:,.0f} MB, so that none are kept for csai replay; "
            "it takes checkpoints in their place, of which --checkpoint-every keeps more."
        )
