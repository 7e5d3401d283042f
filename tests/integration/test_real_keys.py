"""Games played as a person plays them: in a window, on a virtual display, with keys pressed from outside."""

from __future__ import annotations

import contextlib
import functools
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import gymnasium
import pytest

from csai_core.play import load_demonstration
from csai_train import train
from integration import virtual_display

pytestmark = virtual_display.NEEDED
PATIENCE = 60.0
"""Seconds to wait for what takes a second on a machine with nothing else to do."""
WINDOW = ("search", "--onlyvisible", "--class", ".")


wait_for = functools.partial(virtual_display.wait_for, patience=PATIENCE)


@pytest.fixture
def display():
    """The environment variables of programs on a virtual display of their own."""
    with virtual_display.virtual_display("800x700") as variables:
        yield variables


class Game(NamedTuple):
    """A window under way, which is looked for again each time: pygame may replace it."""

    xdotool: Callable[..., str]
    process: subprocess.Popen[str]

    def press(self, *keys):
        self.xdotool("key", *keys)

    def title(self):
        return self.xdotool(*WINDOW, "getwindowname")

    def width(self):
        """Of the window, in pixels."""
        found = dict(
            line.split("=", 1)
            for line in self.xdotool(*WINDOW, "getwindowgeometry", "--shell").splitlines()
            if "=" in line
        )
        return int(found.get("WIDTH", 0))

    def click(self, x, y):
        self.xdotool(*WINDOW, "mousemove", "--window", "%1", str(x), str(y), "click", "1")


@contextlib.contextmanager
def playing(display, *arguments, by="play"):
    """A game under way, by `csai play` or `csai watch`."""
    command = [str(Path(sys.executable).with_name("csai")), by, *arguments]
    game = subprocess.Popen(command, env=display, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def xdotool(*words):
        command = ["xdotool", *words]
        done = subprocess.run(command, check=False, env=display, capture_output=True, text=True)
        return done.stdout.strip()

    try:
        wait_for(lambda: xdotool(*WINDOW), "the window")
        yield Game(xdotool, game)
    finally:
        game.terminate()
        game.communicate(timeout=PATIENCE)


def test_snake_turns_pauses_and_starts_again(display):
    with playing(display, "CSAI/Snake-v0", "--fps", "30", "--seed", "3") as game:
        wait_for(lambda: "waiting" in game.title(), "the game, which waits for the first key")
        game.press("Left")
        wait_for(lambda: "waiting" not in game.title(), "the start")
        game.press("p")
        wait_for(lambda: "paused" in game.title(), "the pause")
        game.press("p", "Down")
        wait_for(lambda: "game over" in game.title(), "the wall")
        game.press("r")
        wait_for(lambda: "game over" not in game.title(), "the next game")


def test_tictactoe_takes_a_cell_with_each_key(display):
    with playing(display, "CSAI/TicTacToe-v0", "--seed", "1") as game:
        wait_for(lambda: "score 0" in game.title(), "the score")
        for key in "5qcwxaed":
            game.press(key)
        wait_for(lambda: "game over" in game.title(), "the end of the game")


def test_tictactoe_takes_the_cell_that_is_clicked(display):
    with playing(display, "CSAI/TicTacToe-v0", "--seed", "1") as game:
        wait_for(lambda: "waiting" in game.title(), "the game, which waits for the first move")
        for y in (130, 260, 380):
            for x in (120, 240, 360):
                game.click(x, y)
        wait_for(lambda: "game over" in game.title(), "the end of the game")


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_recording_is_saved_when_the_program_is_ended(display, tmp_path, end):
    file = tmp_path / "game.npz"
    with playing(display, "CSAI/Snake-v0", "--seed", "3", "--record", str(file)) as game:
        wait_for(lambda: "waiting" in game.title(), "the game")
        game.press("Up")
        wait_for(lambda: "waiting" not in game.title(), "the start")
        game.process.send_signal(end)
        wait_for(lambda: game.process.poll() is not None, "the end")
    assert len(load_demonstration(file).action) > 0


@pytest.fixture(scope="module")
def walker(tmp_path_factory):
    """A run whose agent walks along a cliff, where no game ends soon and nothing is random."""
    path = tmp_path_factory.mktemp("runs") / "cliff"
    train("q_learning", "CliffWalking-v1", total_steps=300, seed=1, run_dir=path)
    return path


def test_a_person_watches_takes_over_goes_back_and_hands_back(display, walker, tmp_path):
    file = tmp_path / "mine.npz"
    watch = [str(walker), "--think", "--fps", "10", "--seed", "1", "--record", str(file)]
    with playing(display, *watch, "--max-episode-steps", "100000", by="watch") as game:
        wait_for(lambda: "CliffWalking" in game.title(), "the game")
        wide = wait_for(game.width, "the window")
        game.press("v")
        wait_for(lambda: 0 < game.width() < wide, "the panel to go")
        game.press("v")
        wait_for(lambda: game.width() == wide, "the panel to come back")
        game.press("period", "comma", "o", "o")
        wait_for(lambda: "paused" in game.title(), "the pause after a step")
        game.press("t")
        wait_for(lambda: "waiting" in game.title(), "the person")
        keys = ["Up", "Right", "Down", "Left", "Up"] * 10
        game.xdotool("key", "--delay", "150", *keys)
        game.press("comma", "comma", "question")
        game.press("question", "t")
        wait_for(lambda: "waiting" not in game.title(), "the agent")
        game.process.send_signal(signal.SIGINT)
        said = wait_for(lambda: game.process.poll() is not None, "the end") and game.process.stdout.read()
    assert "You steered for 48 steps; the agent would have done the same in" in said
    assert "Recorded 48 steps" in said
    demonstration = load_demonstration(file)
    taken = {"Up": 0, "Right": 1, "Down": 2, "Left": 3}
    assert demonstration.action.tolist() == [taken[key] for key in keys[:48]]
    env = gymnasium.make("CliffWalking-v1").unwrapped
    env.reset(seed=0)
    for observation, action, led_to in zip(
        demonstration.observation, demonstration.action, demonstration.next_observation, strict=True
    ):
        env.s = int(observation)
        assert env.step(int(action))[0] == led_to
