"""What the environment says of the processes that one was launched with, and their end with the launcher."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import csai_train
from csai_core.errors import ConfigError
from csai_train.group import joining


@pytest.fixture(autouse=True)
def alone(monkeypatch):
    for name in ("RANK", "WORLD_SIZE", "MASTER_ADDR", "TORCHELASTIC_RESTART_COUNT", joining.ATTEMPT):
        monkeypatch.delenv(name, raising=False)


def test_who_was_launched_alone_is_alone(monkeypatch):
    assert not joining.was_launched()
    assert not joining.find_group().is_shared
    monkeypatch.setenv("WORLD_SIZE", "4")
    assert not joining.was_launched()  # some schedulers set it for what they start by itself
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("MASTER_ADDR", "localhost")
    assert joining.was_launched()
    assert joining.launched() == 4
    monkeypatch.setenv("WORLD_SIZE", "1")
    assert not joining.was_launched()


def test_restarts_are_counted_whoever_restarts(monkeypatch):
    assert joining.attempt() == 0
    monkeypatch.setenv("TORCHELASTIC_RESTART_COUNT", "1")
    monkeypatch.setenv(joining.ATTEMPT, "2")
    assert joining.attempt() == 3


@pytest.mark.parametrize("text", ["soon", "0", "-1", "inf"])
def test_a_timeout_is_a_number_of_seconds(monkeypatch, text):
    assert joining.timeout_seconds() == 300
    monkeypatch.setenv(joining.TIMEOUT, "7.5")
    assert joining.timeout_seconds() == 7.5
    monkeypatch.setenv(joining.TIMEOUT, text)
    with pytest.raises(ConfigError, match=f"{joining.TIMEOUT} is '{text}'"):
        joining.timeout_seconds()


def test_what_one_process_does_is_refused_by_several(monkeypatch):
    for name, value in (("RANK", "0"), ("WORLD_SIZE", "2"), ("MASTER_ADDR", "localhost")):
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError, match="is done by one process, and 2 were launched together"):
        csai_train.train_seeds("ppo", "CartPole-v1", run_dir="nowhere")


LAUNCHED = """
import time
from csai_train.group.joining import end_with_launcher
end_with_launcher()
print("ready", flush=True)
time.sleep(600)
"""
LAUNCHER = f"""
import subprocess, sys
subprocess.run([sys.executable, "-c", {LAUNCHED!r}])
"""


@pytest.mark.skipif(os.name != "posix", reason="elsewhere nothing tells that a launcher is gone")
def test_who_was_launched_ends_with_a_launcher_that_is_killed():
    command = [sys.executable, "-c", LAUNCHER]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as launcher:
        assert launcher.stdout.readline() == "ready\n"
        launcher.kill()
        assert launcher.stdout.read() == ""  # which is open as long as the process is that was launched
