"""What two hundred healthy plugins cost: `csai list` with them and without, in fresh processes.

    python benchmarks/plugins.py

The goal is under a second more than with none. The plugins are real distributions, each with a block, an
environment and a command, in a temporary folder that is put on the path.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NUM_PLUGINS, NUM_RUNS = 200, 5
GOAL_SECONDS = 1.0

HOOKS = """
from csai_core import Entry, hookimpl
from gymnasium.envs.registration import EnvSpec

@hookimpl
def csai_environments():
    return [EnvSpec(id="Plugin{n}/Game-v0", entry_point="plugin_{n}.game:Game")]

@hookimpl
def csai_blocks():
    return [Entry(name="block_{n}", target="plugin_{n}.blocks:Block", summary="Block number {n}.")]

@hookimpl
def csai_commands():
    return [Entry(name="command_{n}", target="plugin_{n}.commands:main", summary="Command number {n}.")]
"""


def install(site: Path, n: int) -> None:
    """Write one distribution as pip leaves it."""
    package, info = site / f"plugin_{n}", site / f"plugin_{n}-1.0.dist-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").touch()
    (package / "hooks.py").write_text(HOOKS.format(n=n))
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: plugin-{n}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[csai]\nplugin_{n} = plugin_{n}.hooks\n")


def seconds_to_list(site: Path, num_runs: int) -> tuple[float, int]:
    """The median time of `csai list` over some runs, the first one left out, and how many lines it prints."""
    command = [sys.executable, "-c", "from csai_core.commands import main; main()", "list"]
    environ = {**os.environ, "PYTHONPATH": str(site)}
    times = []
    for _ in range(num_runs + 1):
        started = time.perf_counter()
        ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=True)
        times.append(time.perf_counter() - started)
    return statistics.median(times[1:]), len(ran.stdout.splitlines())


def main() -> None:
    """Measure both and print a table; the exit status says whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    num_plugins, num_runs = (2, 1) if parser.parse_args().smallest else (NUM_PLUGINS, NUM_RUNS)
    with tempfile.TemporaryDirectory() as full, tempfile.TemporaryDirectory() as empty:
        for n in range(num_plugins):
            install(Path(full), n)
        without, with_them = (seconds_to_list(Path(site), num_runs) for site in (empty, full))
    print("| extra plugins | `csai list`, seconds | lines |\n|---|---|---|")
    print(f"| 0 | {without[0]:.2f} | {without[1]} |")
    print(f"| {num_plugins} | {with_them[0]:.2f} | {with_them[1]} |")
    cost = with_them[0] - without[0]
    print(f"\n{cost:.2f} seconds more; the goal is under {GOAL_SECONDS:.0f}.")
    sys.exit(cost >= GOAL_SECONDS)


if __name__ == "__main__":
    main()
