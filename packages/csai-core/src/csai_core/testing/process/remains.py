"""What lives on in a process: threads, child processes, open files."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import Any


def lasting() -> dict[str, set[Any]]:
    """What is alive now, by its kind, once nobody is left who uses it."""
    gc.collect()
    return {
        "thread": set(threading.enumerate()),
        "child process": _children(),
        "open file or socket": _descriptors(),
    }


def _descriptors() -> set[tuple[str, str]]:
    folder = Path("/proc/self/fd")
    found = set()
    for entry in folder.iterdir() if folder.is_dir() else ():
        try:
            found.add((entry.name, str(entry.readlink())))
        except OSError:
            continue  # the one that lists the folder
    return found


def _children() -> set[str]:
    folder = Path("/proc/self/task")
    if not folder.is_dir():
        return set()
    return {
        number
        for file in folder.glob("*/children")
        for number in file.read_text().split()
        if _is_working(number)
    }


def _is_working(number: str) -> bool:
    try:
        command = Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return False
    return bool(command) and b"resource_tracker" not in command
