"""`csai train --live` on a virtual display: a window of its own, whose end is not the training's."""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from integration import virtual_display

pytestmark = virtual_display.NEEDED
PATIENCE = 150.0
CSAI = str(Path(sys.executable).with_name("csai"))


wait_for = functools.partial(virtual_display.wait_for, patience=PATIENCE, every=0.2)


@pytest.fixture
def display():
    """The environment variables of programs on a virtual display of their own."""
    with virtual_display.virtual_display("900x900") as variables:
        yield variables


def windows(display):
    words = ["xdotool", "search", "--onlyvisible", "--class", ".", "getwindowname"]
    found = subprocess.run(words, check=False, env=display, capture_output=True, text=True).stdout
    return [line for line in found.splitlines() if "live" in line]


def children(process):
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(each) for each in path.read_text().split()]


def test_the_window_is_killed_and_the_training_goes_on_until_it_is_stopped(display, tmp_path):
    words = [CSAI, "train", "FrozenLake-v1", "--algorithm", "q_learning", "--total-steps", "1000000000"]
    training = subprocess.Popen(
        [*words, "--run-dir", "run", "--live"], env=display, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    )
    try:
        wait_for(lambda: windows(display), "the window")
        wait_for((tmp_path / "run" / "live" / "weights.safetensors").exists, "weights")
        os.kill(children(training)[0], signal.SIGKILL)
        wait_for(lambda: not windows(display), "the end of the window")
        assert training.poll() is None
        training.send_signal(signal.SIGINT)
        output, _ = training.communicate(timeout=PATIENCE)
    finally:
        training.kill()
        training.wait()
    assert training.returncode == 130
    assert "Stopped; saved after" in output


def test_the_window_ends_with_the_training(display, tmp_path):
    words = [CSAI, "train", "FrozenLake-v1", "--algorithm", "q_learning", "--total-steps", "1000000000"]
    training = subprocess.Popen(
        [*words, "--run-dir", "run", "--live"], env=display, cwd=tmp_path, stdout=subprocess.DEVNULL
    )
    try:
        wait_for(lambda: windows(display), "the window")
        window = children(training)[0]
        training.send_signal(signal.SIGINT)
        training.wait(timeout=PATIENCE)
    finally:
        training.kill()
        training.wait()
    assert not windows(display)
    assert not Path(f"/proc/{window}").exists()
