"""Games played as a person plays them: in a window, on a virtual display, with keys pressed from outside."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from csai_core.play import load_demonstration

pytestmark = [
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="needs Xvfb and xdotool"
    ),
    pytest.mark.skipif(sys.platform != "linux", reason="needs X11"),
]
PATIENCE = 60.0
"""Seconds to wait for what takes a second on a machine with nothing else to do."""
WINDOW = ("search", "--onlyvisible", "--class", ".")


def wait_for(condition, what):
    """The first true value of a condition, which is asked again and again."""
    give_up_at = time.monotonic() + PATIENCE
    while not (value := condition()):
        assert time.monotonic() < give_up_at, f"waited for {what} in vain"
        time.sleep(0.05)
    return value


@pytest.fixture
def display():
    """The environment variables of programs on a virtual display of their own."""
    reading, writing = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "800x700x24"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    with os.fdopen(reading) as chosen:
        number = chosen.readline().strip()  # the first that is free, once it can be used
    try:
        yield {**os.environ, "DISPLAY": f":{number}", "SDL_VIDEODRIVER": "x11"}
    finally:
        server.terminate()
        server.wait()


class Game(NamedTuple):
    """A window under way, which is looked for again each time: pygame may replace it."""

    xdotool: Callable[..., str]
    process: subprocess.Popen[str]

    def press(self, *keys):
        self.xdotool("key", *keys)

    def title(self):
        return self.xdotool(*WINDOW, "getwindowname")

    def click(self, x, y):
        self.xdotool(*WINDOW, "mousemove", "--window", "%1", str(x), str(y), "click", "1")


@contextlib.contextmanager
def playing(display, *arguments):
    """A game under way."""
    command = [str(Path(sys.executable).with_name("csai")), "play", *arguments]
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
