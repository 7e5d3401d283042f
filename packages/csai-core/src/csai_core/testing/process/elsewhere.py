"""What a suite finds in other processes, in which texts have other hashes and folders another order."""

from __future__ import annotations

import importlib
import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from csai_core.testing.suite import Suite

_SECONDS = 120
_MARK = "found: "
_HASH_SEEDS = (1, 2)


def found_elsewhere(suite: Suite, method: str, count: int = 1) -> list[str]:
    """What a method of a suite gives, a text of one line, in so many new processes.

    Each has another PYTHONHASHSEED, and lists folders in another order, as other disks do.

    Args:
        suite: the suite, whose class other processes can import.
        method: its name; it takes nothing.
        count: how many processes there are, of 2 at most.

    Returns:
        What was found, without the processes that failed: none where they cannot import the suite.
    """
    kind = type(suite)
    if "<" in kind.__qualname__ or kind.__module__ == "__main__":
        return []
    settings = json.dumps(dict(suite.adopted))
    words = [kind.__module__, kind.__qualname__, suite.entry_name, settings, method]
    here = os.environ.get("PYTHONHASHSEED")
    seeds = sorted(map(str, _HASH_SEEDS), key=lambda seed: seed == here)[:count]
    running = [_started([json.dumps(sys.path), seed, *words], seed) for seed in seeds]
    lines = [_last_line(each) for each in running]
    return [line.removeprefix(_MARK) for line in lines if line.startswith(_MARK)]


def print_found(seed: str, module: str, qualified_name: str, entry_name: str, *words: str) -> None:
    """Make a suite by what `found_elsewhere` says of it, and print what its method gives."""
    settings, method = words
    found: Any = importlib.import_module(module)
    for name in qualified_name.split("."):
        found = getattr(found, name)
    suite = found.of(entry_name)
    suite.adopt(json.loads(settings))
    with _folders_in_another_order(int(seed)):
        text = getattr(suite, method)()
    print(f"\n{_MARK}{text}")


_CODE = """
import json, sys
sys.path[:] = json.loads(sys.argv[1])
from csai_core.testing.process.elsewhere import print_found
print_found(*sys.argv[2:])
"""


def _started(words: list[str], seed: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _CODE, *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": seed, "CUDA_VISIBLE_DEVICES": ""},
    )


def _last_line(process: subprocess.Popen[str]) -> str:
    """What it printed last; nothing where it does not end in time."""
    try:
        lines = process.communicate(timeout=_SECONDS)[0].splitlines()
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return ""
    return lines[-1] if lines else ""


class _Listed:
    """What os.scandir gives, in an order of chance."""

    def __init__(self, entries: list[Any]) -> None:
        self._entries: Iterator[Any] = iter(entries)

    def __iter__(self) -> _Listed:
        return self

    def __next__(self) -> Any:
        return next(self._entries)

    def __enter__(self) -> _Listed:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Nothing is open any more."""


def _folders_in_another_order(seed: int) -> Any:
    """Let os.listdir and os.scandir give the entries of folders in another order meanwhile."""

    def shuffled(function: Callable[..., Any]) -> Callable[..., list[Any]]:
        def listed(*arguments: Any) -> list[Any]:
            entries = sorted(function(*arguments), key=lambda entry: getattr(entry, "name", entry))
            return random.Random(seed).sample(entries, len(entries))

        return listed

    scan = shuffled(os.scandir)
    return mock.patch.multiple(
        os, listdir=shuffled(os.listdir), scandir=lambda *arguments: _Listed(scan(*arguments))
    )
