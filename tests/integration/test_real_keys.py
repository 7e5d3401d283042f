"""Games played as a person plays them: in a window, on a virtual display, with keys pressed from outside."""

from __future__ import annotations

import contextlib
import itertools
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.skipif(
        shutil.which("Xvfb") is None or shutil.which("xdotool") is None, reason="needs Xvfb and xdotool"
    ),
    pytest.mark.skipif(sys.platform != "linux", reason="needs X11"),
]
PATIENCE = 60.0
"""Seconds to wait for what takes a second on a machine with nothing else to do."""


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
    lock = (number for number in itertools.count(90) if not Path(f"/tmp/.X{number}-lock").exists())
    name = f":{next(lock)}"
    server = subprocess.Popen(["Xvfb", name, "-screen", "0", "800x700x24"], stderr=subprocess.DEVNULL)
    try:
        wait_for(Path(f"/tmp/.X11-unix/X{name[1:]}").exists, "the virtual display")
        yield {**os.environ, "DISPLAY": name, "SDL_VIDEODRIVER": "x11"}
    finally:
        server.terminate()
        server.wait()


@contextlib.contextmanager
def playing(display, *arguments):
    """A game under way: a function that presses keys, and one that tells what stands in the title bar."""
    command = [str(Path(sys.executable).with_name("csai")), "play", *arguments]
    game = subprocess.Popen(command, env=display, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def xdotool(*words):
        command = ["xdotool", *words]
        done = subprocess.run(command, check=False, env=display, capture_output=True, text=True)
        return done.stdout.strip()

    try:
        window = wait_for(lambda: xdotool("search", "--onlyvisible", "--class", "."), "the window").split()[0]
        yield lambda *keys: xdotool("key", *keys), lambda: xdotool("getwindowname", window)
    finally:
        game.terminate()
        game.communicate(timeout=PATIENCE)


def test_snake_turns_pauses_and_starts_again(display):
    with playing(display, "CSAI/Snake-v0", "--fps", "30", "--seed", "3") as (press, title):
        wait_for(lambda: "waiting" in title(), "the game, which waits for the first key")
        press("Left")
        wait_for(lambda: "waiting" not in title(), "the start")
        press("p")
        wait_for(lambda: "paused" in title(), "the pause")
        press("p", "Down")
        wait_for(lambda: "game over" in title(), "the wall")
        press("r")
        wait_for(lambda: "game over" not in title(), "the next game")


def test_tictactoe_takes_a_cell_with_each_key(display):
    with playing(display, "CSAI/TicTacToe-v0", "--seed", "1") as (press, title):
        wait_for(lambda: "score 0" in title(), "the score")
        for key in "5qcwxaed":
            press(key)
        wait_for(lambda: "game over" in title(), "the end of the game")
