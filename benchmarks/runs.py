"""What the loop, the records of a run, and watching it cost.

    python benchmarks/runs.py
    python benchmarks/runs.py --rounds 15 --steps 1000000

Steps a trivial environment with an algorithm that learns nothing, so that what is measured is the loop
itself: alone, with what a run writes and shows, and with its checkpoints. Everything is measured in turn,
round after round, in seconds of processor time; shown are the medians, and the medians of the rounds'
ratios to the loop alone. The goal is that feed, table and progress bar cost at most 3 %. Then the feed of the
run is read as a view does.
"""

from __future__ import annotations

import argparse
import io
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from rich.console import Console

from csai_core.algorithm import Algorithm, Decision
from csai_train import Callback, Training
from csai_train.callbacks.checkpoints import Checkpoints
from csai_train.callbacks.progress import ProgressBar
from csai_train.callbacks.writers import EventLog, MetricsTable
from csai_train.environments.serial import SerialVectorEnv
from csai_train.runs.events_file import EVENTS, FeedReader
from csai_train.runs.run import Run
from csai_train.training.train import train

EPISODE = 100
GOAL = 0.03
BARE, RECORDED = "the loop", "the loop, feed, table, progress bar"


class Trivial(gymnasium.Env[Any, Any]):
    """Counts its steps; an episode has 100."""

    observation_space = spaces.Box(-1, 1, (4,), np.float32)
    action_space = spaces.Discrete(2)

    def __init__(self) -> None:
        self._observation = np.zeros(4, np.float32)
        self._count = 0

    def state_dict(self) -> dict[str, Any]:
        """The number of steps."""
        return {"count": self._count}

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Start counting."""
        self._count = 0
        return self._observation, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Count."""
        self._count += 1
        return self._observation, 1.0, self._count == EPISODE, False, {}


class Idle(Algorithm):
    """Does nothing and learns nothing, at no cost."""

    def __init__(self, num_envs: int) -> None:
        self._action = np.zeros(num_envs, np.int64)

    def act(self, observation: Any, *, explore: bool, action_mask: Any = None) -> Decision:
        """Always the same."""
        return Decision(self._action)

    def learn(self, step: Any) -> dict[str, float]:
        """Learn nothing."""
        return {}

    def state_dict(self) -> dict[str, Any]:
        """Nothing to save."""
        return {}

    def load_state_dict(self, state: Any) -> None:
        """Nothing to load."""


def seconds_of_loop(num_envs: int, steps: int, callbacks: list[Callback]) -> float:
    envs = SerialVectorEnv([Trivial() for _ in range(num_envs)])
    training = Training(Idle(num_envs), envs, total_steps=steps, seed=0, callbacks=callbacks)
    started = time.process_time()
    training.run()
    return time.process_time() - started


def seconds_of_stepping(num_envs: int, steps: int, envs: Any) -> float:
    action = np.zeros(num_envs, np.int64)
    envs.reset(seed=0)
    started = time.process_time()
    for _ in range(steps // num_envs):
        envs.step(action)
    return time.process_time() - started


def make_run(folder: Path) -> Run:
    shutil.rmtree(folder, ignore_errors=True)
    train("q_learning", "FrozenLake-v1", total_steps=1, run_dir=folder)
    return Run.open(folder)


def measure(count: int, steps: int, rounds: int, folder: Path) -> dict[str, list[float]]:
    """CPU-seconds of everything with so many environments, round by round."""
    sync = SyncVectorEnv([Trivial] * count, autoreset_mode=AutoresetMode.SAME_STEP)
    serial = SerialVectorEnv([Trivial() for _ in range(count)])

    def records() -> list[Callback]:
        make_run(folder)
        bar = ProgressBar(Console(file=io.StringIO(), force_terminal=True))
        return [EventLog(folder), MetricsTable(folder), bar]

    ways: dict[str, Callable[[], float]] = {
        "SyncVectorEnv of Gymnasium, no loop": lambda: seconds_of_stepping(count, steps, sync),
        "SerialVectorEnv, no loop": lambda: seconds_of_stepping(count, steps, serial),
        BARE: lambda: seconds_of_loop(count, steps, []),
        RECORDED: lambda: seconds_of_loop(count, steps, records()),
        "all that and ten checkpoints": lambda: seconds_of_loop(
            count, steps, [*records(), Checkpoints(Run.open(folder))]
        ),
    }
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            found[name].append(way())
    return found


def show(count: int, steps: int, found: dict[str, list[float]]) -> None:
    for name, seconds in found.items():
        middle = statistics.median(seconds)
        ratio = statistics.median(s / bare for s, bare in zip(seconds, found[BARE], strict=True))
        print(f"{count:>12}  {name:<38}{steps / middle:>10,.0f}{middle / steps * 1e6:>10.2f}{ratio:>12.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--steps", type=int, default=300_000, help="in each environment")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    rounds, steps = (1, 2_000) if options.smallest else (options.rounds, options.steps)
    print(f"{'environments':>12}  {'what':<38}{'steps/s':>10}{'us/step':>10}{'times loop':>12}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        for count in (1, 16):
            show(count, steps * count, measure(count, steps * count, rounds, folder))
        started = time.process_time()
        events = len(FeedReader(folder).new_events())
        milliseconds = (time.process_time() - started) * 1e3
        size = (folder / EVENTS).stat().st_size
    print(f"\nThe goal is at most {1 + GOAL} times the loop for: {RECORDED}.")
    print(f"Reading the whole feed, {events:,} events in {size:,} bytes, takes {milliseconds:.1f} ms.")


if __name__ == "__main__":
    main()
