"""What the loop, the records of a run, and watching it cost.

    python benchmarks/runs.py

Steps a trivial environment with an algorithm that learns nothing, so that what is measured is the loop
itself: alone, with what a run writes and shows, and with its checkpoints. Then reads the feed of the run as
a view does. Prints a table; the best of three trials each.
"""

from __future__ import annotations

import io
import shutil
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

STEPS = 100_000
EPISODE = 100


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


def seconds_of_loop(num_envs: int, callbacks: list[Callback]) -> float:
    envs = SerialVectorEnv([Trivial() for _ in range(num_envs)])
    training = Training(Idle(num_envs), envs, total_steps=STEPS, seed=0, callbacks=callbacks)
    started = time.perf_counter()
    training.run()
    return time.perf_counter() - started


def seconds_of_stepping(num_envs: int, envs: Any) -> float:
    action = np.zeros(num_envs, np.int64)
    envs.reset(seed=0)
    started = time.perf_counter()
    for _ in range(STEPS // num_envs):
        envs.step(action)
    return time.perf_counter() - started


def make_run(folder: Path) -> Run:
    shutil.rmtree(folder, ignore_errors=True)
    train("q_learning", "FrozenLake-v1", total_steps=1, run_dir=folder)
    return Run.open(folder)


def measure(count: int, folder: Path) -> list[tuple[int, str, float]]:
    """Seconds of everything with so many environments, each the best of three."""
    sync = SyncVectorEnv([Trivial] * count, autoreset_mode=AutoresetMode.SAME_STEP)
    serial = SerialVectorEnv([Trivial() for _ in range(count)])
    bar = ProgressBar(Console(file=io.StringIO(), force_terminal=True))

    def records() -> list[Callback]:
        return [EventLog(folder), MetricsTable(folder), bar]

    def run() -> list[Callback]:
        return [*records(), Checkpoints(make_run(folder))]

    ways: dict[str, Callable[[], float]] = {
        "SyncVectorEnv of Gymnasium, no loop": lambda: seconds_of_stepping(count, sync),
        "SerialVectorEnv, no loop": lambda: seconds_of_stepping(count, serial),
        "the loop": lambda: seconds_of_loop(count, []),
        "the loop, feed, table, progress bar": lambda: seconds_of_loop(count, records()),
        "all that and ten checkpoints": lambda: seconds_of_loop(count, run()),
    }
    return [(count, name, min(way() for _ in range(3))) for name, way in ways.items()]


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "run"
        make_run(folder)
        rows = [*measure(1, folder), *measure(16, folder)]
        reader = FeedReader(folder)
        started = time.perf_counter()
        events = len(reader.new_events())
        per_event = (time.perf_counter() - started) / events
        size = (folder / EVENTS).stat().st_size / events
    print(f"{'environments':>12}  {'what':<38}{'steps/s':>10}{'us/step':>10}")
    for count, what, seconds in rows:
        print(f"{count:>12}  {what:<38}{STEPS / seconds:>10,.0f}{seconds / STEPS * 1e6:>10.2f}")
    print(
        f"\nReading the feed takes {per_event * 1e6:.1f} us an event of {size:.0f} bytes; to watch a training"
    )
    print(f"with 100 episodes a second takes {per_event * 100:.2%} of one core.")


if __name__ == "__main__":
    main()
