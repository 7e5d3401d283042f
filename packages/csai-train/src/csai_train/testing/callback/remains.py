"""What a callback leaves behind of a training: files, some still open, and threads."""

from __future__ import annotations

import contextlib
import io
import json
import os
import threading
from collections.abc import Mapping
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


def every_runs_files(run: Path) -> dict[str, tuple[int, int]]:
    """The files that every run has: when they were written last, in nanoseconds, and their sizes."""
    found = {}
    for name in _EVERY_RUNS:
        for path in (run / name, *(run / name).glob("*")) if (run / name).is_dir() else (run / name,):
            with contextlib.suppress(OSError):
                status = path.stat()
                found[str(path.relative_to(run))] = status.st_mtime_ns, status.st_size
    return found


def spoiled(run: Path, before: Mapping[str, tuple[int, int]]) -> str:
    """A file that every run has, and that was changed since; empty if there is none, as far as can be told.

    What a training tells its run meanwhile, as of a warning, stands in the feed as it should.
    """
    after = every_runs_files(run)
    for name, status in before.items():
        if name not in after:
            return name
        if after[name] != status and name == "events.jsonl":
            text = (run / name).read_bytes()[status[1] :]
            if after[name][1] < status[1] or not all(map(_is_event, text.splitlines(keepends=True))):
                return name
        elif after[name] != status and name in ("config.json", "metrics.csv"):
            return name
    return ""


def _is_event(line: bytes) -> bool:
    """Whether a line, if it is complete, is one that a training writes."""
    try:
        return not line.endswith(b"\n") or "event" in json.loads(line)
    except (ValueError, TypeError):
        return False


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
