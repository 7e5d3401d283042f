"""A run, written into one file as it is given away: what comes along, and its card."""

from __future__ import annotations

from pathlib import Path

from csai_train.runs.archive import pack
from csai_train.runs.archive_card import archive_card
from csai_train.runs.run import Run


def export_run(run: Run, out: Path, license_name: str | None = None) -> None:
    """Write a run into one file, with its newest and its best checkpoint.

    Args:
        run: which.
        out: the file, which ends in .zip; an older one is replaced.
        license_name: under which license it is given, such as "MIT".

    Raises:
        RunError: if that cannot be written, or the run is too large for it.
        CheckpointError: if there is no checkpoint that is whole.
    """
    pack(run.path, run.checkpoints.good(), archive_card(run, out.name, license_name), out)
