"""Does a long training stay as small as it began? Memory, descriptors, threads and files over an hour.

    python benchmarks/soak.py
    python benchmarks/soak.py --minutes 2

Trains PPO in sixteen games of Catch, whose episodes are short, for so many minutes, with everything that
`csai train` writes and shows. Once a second it looks at the process; a tenth of the time is left for it to
grow to its size. The exit status is 1 where memory, open files or threads have grown after that, or where
feed and table of the run are longer than a few hundred lines.
"""

from __future__ import annotations

import argparse
import io
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import NamedTuple

from rich.console import Console

from csai_train import Callback, ProgressBar, Training, train
from csai_train.events import MARKS
from csai_train.runs.events_file import EVENTS
from csai_train.runs.metrics_file import METRICS

ENVIRONMENT, CONFIG = "CSAI/Catch-v0", {"num_envs": 16}
STEPS_TO_MEASURE = 4_096
MOST_GROWTH = 16 * 2**20
"""Bytes of memory that an allocator may take and keep."""
MOST_LINES = 3 * MARKS


class Look(NamedTuple):
    """What a process has at one moment."""

    memory: int
    """Bytes that lie in memory."""
    files: int
    threads: int


class Watch(Callback):
    """Looks at the process once a second."""

    def __init__(self) -> None:
        self.looks: list[Look] = []
        self._looked_at = 0.0

    def step(self, training: Training) -> None:
        """Look, if the last look was a second ago."""
        now = time.monotonic()
        if now - self._looked_at >= 1.0:
            self._looked_at = now
            self.looks.append(look())


def look() -> Look:
    """What this process has now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    memory = pages * os.sysconf("SC_PAGE_SIZE")
    return Look(memory, len(os.listdir("/proc/self/fd")), threading.active_count())


def steps_in(seconds: float) -> int:
    """How many steps a training takes in so many seconds."""
    for _ in range(2):  # the first one also loads what training needs
        started = time.perf_counter()
        train("ppo", ENVIRONMENT, total_steps=STEPS_TO_MEASURE, seed=0, preset=None, config=CONFIG)
        took = time.perf_counter() - started
    return max(STEPS_TO_MEASURE, int(STEPS_TO_MEASURE * seconds / took))


def problems(looks: list[Look], run: Path) -> list[str]:
    """What has grown that should not have."""
    settled, last = looks[len(looks) // 10], looks[-1]
    found = []
    if last.memory - settled.memory > MOST_GROWTH:
        found.append(f"memory grew from {settled.memory / 2**20:.0f} to {last.memory / 2**20:.0f} MiB")
    for name in ("files", "threads"):
        before, after = getattr(settled, name), getattr(last, name)
        if after > before:
            found.append(f"open {name} grew from {before} to {after}")
    for name in (EVENTS, METRICS):
        count = len((run / name).read_text().splitlines())
        if count > MOST_LINES:
            found.append(f"{name} has {count:,} lines")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument(
        "--smallest", action="store_true", help="the smallest size, to see that it runs; it finds nothing"
    )
    options = parser.parse_args()
    total_steps = STEPS_TO_MEASURE if options.smallest else steps_in(60 * options.minutes)
    watch, bar = Watch(), ProgressBar(Console(file=io.StringIO(), force_terminal=True))
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        callbacks = [watch, bar]
        training = train(
            "ppo",
            ENVIRONMENT,
            total_steps=total_steps,
            seed=0,
            preset=None,
            config=CONFIG,
            run_dir=run,
            callbacks=callbacks,
        )
        watch.looks.append(look())
        print(f"{training.steps:,} steps, {training.num_episodes:,} episodes, {len(watch.looks)} looks")
        for name in ("events.jsonl", "metrics.csv"):
            print(f"{name}: {(run / name).stat().st_size:,} bytes")
        for name in Look._fields:
            values = [getattr(each, name) for each in watch.looks]
            print(
                f"{name}: {values[0]:,} at first, {values[len(values) // 10]:,} settled, {values[-1]:,} last"
            )
        found = [] if options.smallest else problems(watch.looks, run)
    print("; ".join(found) or "It has not grown.")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
