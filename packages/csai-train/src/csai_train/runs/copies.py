"""A run as all processes of a training know it, also those that do not see its folder."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from csai_train.group import Group
from csai_train.runs.config_file import CONFIG
from csai_train.runs.network import NETWORK
from csai_train.runs.run import START, Run


@contextmanager
def known_to_all(run: Run | None, group: Group) -> Iterator[Run]:
    """The run; in others than the first process a copy of how it began, which is there inside the block.

    Args:
        run: of the first process; that of others is not looked at.
        group: the processes.
    """
    if not group.is_shared and run is not None:
        yield run
        return
    files = {}
    if group.is_main and run is not None:
        paths = [run.path / CONFIG, run.path / NETWORK, *(run.path / START).glob("*")]
        files = {
            path.relative_to(run.path).as_posix(): np.frombuffer(path.read_bytes(), dtype=np.uint8)
            for path in paths
            if path.is_file()
        }
    files = group.broadcast_state(files)
    if group.is_main and run is not None:
        yield run
        return
    with tempfile.TemporaryDirectory() as folder:
        for name, data in files.items():
            path = Path(folder, *name.split("/"))
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(data.tobytes())
        yield Run.open(folder)
