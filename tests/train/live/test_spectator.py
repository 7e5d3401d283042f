"""Whoever watches sees what happens, whatever becomes of the training."""

from __future__ import annotations

import math
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import nullcontext

import pytest

from csai_train import Run
from csai_train.live.spectator import Match, Spectator
from csai_train.runs.audience import LIVE, WATCHED, WEIGHTS
from csai_train.runs.lock import locked

TRAIN = """
from csai_train import train
train("q_learning", "FrozenLake-v1", total_steps=10**8, seed=1, preset=None, run_dir="run")
"""
PATIENCE = 60


def wait_for(condition):
    give_up_at = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < give_up_at
        time.sleep(0.1)


@pytest.fixture
def training(tmp_path):
    process = subprocess.Popen([sys.executable, "-c", TRAIN], cwd=tmp_path)
    try:
        wait_for((tmp_path / "run" / "events.jsonl").exists)
        yield process, tmp_path / "run"
    finally:
        process.kill()
        process.wait()


def test_a_training_that_is_over_is_told_again(finished):
    spectator = Spectator(finished, is_patient=False)
    spectator.let_play()
    assert not spectator.is_live
    spectator.look()
    assert spectator.is_over
    assert spectator.account.state == "complete"
    assert spectator.pupil.age == "after 3,000 steps"
    assert not (finished.path / LIVE).exists()


@pytest.mark.parametrize("is_locked", [False, True])
def test_one_that_was_killed_before_is_told_as_such(finished, tmp_path, is_locked):
    shutil.copytree(finished.path, tmp_path / "run")
    for each in ("checkpoints", "snapshots"):
        shutil.rmtree(tmp_path / "run" / each)
    feed = tmp_path / "run" / "events.jsonl"
    feed.write_text("".join(feed.read_text().splitlines(keepends=True)[:40]))
    with locked(tmp_path / "run") if is_locked else nullcontext():
        spectator = Spectator(Run.open(tmp_path / "run"), speed=math.inf)
        spectator.look()
    assert spectator.is_over
    assert spectator.account.state == ("training" if is_locked else "killed")


def test_a_game_is_played_with_what_the_agent_thinks(finished):
    spectator = Spectator(finished, is_patient=False)
    spectator.look()
    spectator.let_play()
    match = Match(spectator.pupil, seed=3)
    assert match.scene().mind.history.shown.value is not None
    for _ in range(300):
        match.step()
    scene = match.scene()
    assert "S" in scene.text
    assert int(scene.words[0].removeprefix("game ")) > 1
    match.close()


def test_several_watch_a_training_that_is_then_killed(training):
    process, path = training
    spectators = [Spectator(Run.open(path)) for _ in range(2)]
    for spectator in spectators:
        assert spectator.is_live
        spectator.let_play()

    def have_weights():
        for spectator in spectators:
            spectator.look()
        return (
            all(each.pupil.snapshot and each.account.steps > 1000 for each in spectators)
            and (path / LIVE / WEIGHTS).exists()
        )

    wait_for(have_weights)
    assert (path / LIVE / WATCHED).exists()
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = spectators[0].account.steps

    def notice():
        return all(each.look() and each.is_over for each in spectators)

    wait_for(notice)
    assert spectators[0].account.state == "killed"
    assert spectators[0].account.steps >= before


def test_a_viewer_that_is_killed_leaves_the_training_alone(training):
    process, path = training
    words = [sys.executable, "-m", "csai_core", "live", str(path)]
    viewer = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2)
    viewer.kill()
    viewer.wait()
    size = (path / "events.jsonl").stat().st_size
    wait_for(lambda: (path / "events.jsonl").stat().st_size > size)
    assert process.poll() is None
