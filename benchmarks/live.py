"""What it costs a training that it is watched: with no, one and three viewers, and with its own drawing.

    python benchmarks/live.py
    python benchmarks/live.py --rounds 9 --seconds 20

One deep Q-learning in CartPole is trained again and again, in turn with no, one and three viewers, which are
processes of their own as `csai live` is: they read the feed, take the weights and play. Measured is the
processor time of the training's process: how much of a core it gets, which differs by how busy the machine
is, and how much of that is spent on viewers: at most 1 % with three. Then a page is drawn as
`csai train --live` draws it in a terminal, once a second: at most 3 % of a core.
"""

from __future__ import annotations

import argparse
import io
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.live import Live

from csai_train import Callback, Run, train
from csai_train.callbacks.live_weights import LiveWeights
from csai_train.live.account import Account
from csai_train.live.facts import Facts
from csai_train.live.terminal import Page
from csai_train.runs.audience import LIVE, WEIGHTS
from csai_train.runs.events_file import FeedReader

VIEWERS = (0, 1, 3)
GOAL, DRAWING_GOAL = 1.0, 3.0
VIEWER = """
import sys, time
from csai_train import Run
from csai_train.live.spectator import Match, Spectator
run = Run.open(sys.argv[1])
spectator = Spectator(run)
spectator.let_play()
match = Match(spectator.pupil, seed=1)
while not spectator.is_over:
    spectator.look()
    match.step()
    match.scene()
    time.sleep(0.5)
"""


class StopAfter(Callback):
    """Ends a training after some seconds, which begin when as many viewers as shall have begun to watch."""

    def __init__(self, seconds: float, viewers: int, folder: Path) -> None:
        self.seconds, self.folder, self.count = seconds, folder, viewers
        self.viewers: list[subprocess.Popen[bytes]] = []
        self.began: tuple[float, float] | None = None
        self.result = (0.0, 0.0)

    def start(self, training: Any) -> None:
        """Let the viewers come."""
        command = [sys.executable, "-c", VIEWER, str(self.folder)]
        self.viewers = [subprocess.Popen(command) for _ in range(self.count)]

    def step(self, training: Any) -> None:
        """Begin to measure when the weights are asked for, and stop in time.

        Raises:
            RuntimeError: if a viewer has left by itself, as then nobody may ever ask for them.
        """
        if self.began is None:
            if any(viewer.poll() for viewer in self.viewers):
                raise RuntimeError("A viewer has failed; what it said stands above.")
            is_due = training.steps % 100 == 0
            if is_due and (self.count == 0 or (self.folder / LIVE / WEIGHTS).exists()):
                self.began = time.monotonic(), time.process_time()
                SPENT.clear()
            return
        wall, processor = time.monotonic() - self.began[0], time.process_time() - self.began[1]
        if wall >= self.seconds:
            self.result = processor / wall * 100, sum(SPENT) / processor * 100
            training.stop_requested = True

    def stop(self, training: Any) -> None:
        """Send the viewers home."""
        for viewer in self.viewers:
            viewer.kill()
            viewer.wait()


SPENT: list[float] = []
"""Processor seconds of what is done for viewers."""


def measure_callback() -> None:
    """Have every look and every write for viewers measured; counting updates stays as it is."""
    ask = LiveWeights._ask

    def measured(self: LiveWeights, training: Any) -> None:
        before = time.thread_time()
        ask(self, training)
        SPENT.append(time.thread_time() - before)

    LiveWeights._ask = measured  # type: ignore[method-assign]


def one(viewers: int, seconds: float, folder: Path) -> tuple[float, float]:
    """How much of a core a training gets, and how much of that viewers cost it, in percent."""
    stop = StopAfter(seconds, viewers, folder)
    train("deep_q_learning", "CartPole-v1", total_steps=10**8, seed=1, run_dir=folder, callbacks=[stop])
    return stop.result


def seconds_of_drawing(run: Run, frames: int) -> float:
    """Processor seconds of drawing the page of a run once, in a terminal of 120 x 40 letters."""
    console = Console(file=io.StringIO(), force_terminal=True, width=120, height=40, color_system="256")
    page, feed, account = Page(Facts(run), console), FeedReader(run.path), Account()
    with Live(console=console, auto_refresh=False) as live:
        before = time.process_time()
        for _ in range(frames):
            account.include(feed.new_events())
            live.update(page.draw(account), refresh=True)
        return (time.process_time() - before) / frames


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0, help="that each training is measured for")
    parser.add_argument(
        "--smallest",
        action="store_true",
        help="the smallest sizes, to see that it runs; its figures mean nothing",
    )
    options = parser.parse_args()
    rounds, seconds = (1, 0.5) if options.smallest else (options.rounds, options.seconds)
    measure_callback()
    found: dict[int, list[tuple[float, float]]] = {count: [] for count in VIEWERS}
    with tempfile.TemporaryDirectory() as name:
        for number in range(rounds):
            for count in VIEWERS:
                found[count].append(one(count, seconds, Path(name) / f"{number}-{count}"))
        drawing = seconds_of_drawing(Run.open(Path(name) / "0-0"), 3 if options.smallest else 100)
    print(f"{'viewers':>8}{'training, % of a core':>24}{'of that for viewers, %':>27}")
    for count, figures in found.items():
        whole, spent = (statistics.median(column) for column in zip(*figures, strict=True))
        print(f"{count:>8}{whole:>24.1f}{spent:>27.3f}")
    print(f"\nThe goal is at most {GOAL} % for three viewers.")
    print(f"Its own drawing, once a second: {drawing * 100:.2f} % of a core; the goal is {DRAWING_GOAL} %.")


if __name__ == "__main__":
    main()
