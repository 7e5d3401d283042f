"""What a callback leaves behind of a training: files, some still open, and threads."""

from __future__ import annotations

import contextlib
import io
import os
import threading
from pathlib import Path
from typing import Any

_EVERY_RUNS = ("config.json", "events.jsonl", "metrics.csv", "checkpoints", "best.json", "lock")


def open_files(folder: Path, callback: Any) -> list[str]:
    """Files in a folder that are open, by the system, and among a callback's variables."""
    found = (
        [name for name, value in vars(callback).items() if isinstance(value, io.IOBase) and not value.closed]
        if callback is not None
        else []
    )
    with contextlib.suppress(OSError):
        for number in os.listdir("/proc/self/fd"):
            with contextlib.suppress(OSError):
                target = Path(os.readlink(f"/proc/self/fd/{number}"))
                if target.is_relative_to(folder.resolve()) and target.is_file():
                    found.append(target.name)
    return found


def own_files(run: Path) -> dict[str, bytes]:
    """What lies in a run besides what every run has, by path."""
    paths = (path for path in sorted(run.rglob("*")) if path.is_file())
    found = {str(path.relative_to(run)): path.read_bytes() for path in paths}
    return {name: content for name, content in found.items() if Path(name).parts[0] not in _EVERY_RUNS}


def left_running(before: set[threading.Thread]) -> list[str]:
    """The names of new threads, once those that are just ending have had time to."""
    new = set(threading.enumerate()) - before
    for thread in new:
        thread.join(0.5)
    return sorted(thread.name for thread in new if thread.is_alive())
