"""From a key to a changed picture: how long one waits in `csai watch --think`, in milliseconds.

The median of all presses, and how much of it the processor works; the rest is sleep until the next look
at the keyboard, and waiting for other programs where the machine is busy.

    OMP_NUM_THREADS=1 python benchmarks/viewing.py

For each environment an agent is trained for a moment, a window is opened, and one step forward and one
back are asked for again and again. What is measured lies between the key's event and the frame on which it
is seen: waiting for the next look at the keyboard, the step, the agent's thoughts, and drawing everything.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

os.environ.setdefault("SDL_VIDEODRIVER", "dummy")

import pygame

from csai_core.overlays import available
from csai_core.play import Session
from csai_core.play import session as sessions
from csai_core.shell.window import Window
from csai_train import Run, train
from csai_train.environments.make import make_single

CASES = (
    ("CartPole-v1", "ppo"),
    ("CSAI/Snake-v0", "ppo"),
    ("CSAI/FrozenLake-v0", "q_learning"),
    ("Pendulum-v1", "ppo"),
    ("CSAI/TicTacToe-v0", "q_learning"),
)


class Timed(Window):
    """A window in which a key is pressed whenever the last one was answered."""

    presses = 100
    first: tuple[str, ...] = ()
    """Keys that are not measured; then one step forward and one back, so that each press is seen."""

    def __init__(self, title, size):
        super().__init__(title, size)
        self.waits: list[float] = []
        self.works: list[float] = []
        self.pressed_at: float | None = None
        self.worked_at = 0.0
        self.keys = [*self.first, *("n", "b") * (self.presses // 2)]

    def show(self, frame):
        """Show a frame; the one after a press answers it."""
        super().show(frame)
        if self.pressed_at is not None:
            self.waits.append(1000 * (time.perf_counter() - self.pressed_at))
            self.works.append(1000 * (time.process_time() - self.worked_at))
            self.pressed_at = None

    def wait(self, fps, on_key=None, on_pointer=None):
        """Press the next key where the last one was answered."""
        if self.pressed_at is None and self.keys:
            key = pygame.key.key_code(self.keys.pop(0))
            pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
            self.pressed_at, self.worked_at = time.perf_counter(), time.process_time()
        elif self.pressed_at is None:
            self.close()
        super().wait(fps, on_key, on_pointer)


def measured(run, *, thinks, paints):
    """Milliseconds of every press, in all and of work."""
    windows = []

    def opened(title, size):
        windows.append(Timed(title, size))
        return windows[-1]

    sessions.Window = opened
    env = make_single(run.environment, render_mode="rgb_array")
    session = Session(
        env, run.agent(), title="", fps=10, glides=False, thinks=thinks, overlays=available, episodes=None
    )
    Timed.first = ("p", "n", "n", "o") if paints else ("p", "n", "n")
    session.run(seed=1)
    session.env.close()
    unmeasured = len(Timed.first)
    return windows[0].waits[unmeasured:], windows[0].works[unmeasured:]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--presses", type=int, default=100, help="keys for each cell of the table")
    parser.add_argument("--steps", type=int, default=16384, help="of each training")
    parser.add_argument("--smallest", action="store_true", help="a few keys, to see that it runs")
    given = parser.parse_args()
    Timed.presses = 6 if given.smallest else given.presses
    print("| environment | game alone | with thoughts | and overlays |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for number, (environment, algorithm) in enumerate(CASES):
            path = Path(folder) / str(number)
            train(algorithm, environment, total_steps=given.steps, seed=1, run_dir=path)
            cells = []
            for settings in (
                {"thinks": False, "paints": False},
                {"thinks": True, "paints": False},
                {"thinks": True, "paints": True},
            ):
                waits, works = map(statistics.median, measured(Run.open(path), **settings))
                cells.append(f"{waits:.0f}, work {works:.0f}")
            print(f"| {environment}, {algorithm} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
