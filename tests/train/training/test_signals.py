"""Ctrl-C and SIGTERM at any moment of `csai train`: what is saved, what is said, how it exits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from csai_train import Run, resume, train
from csai_train.runs.events_file import read_events
from csai_train.runs.status import status_of
from csai_train.training.signals import stop_on_signals

RUN = ["--run-dir", "run", "--episodes", "2"]


def csai(folder, *arguments, patch=""):
    """`csai` with something done to it first, in a process of its own."""
    code = f"import os, signal\n{patch}\nfrom csai_core.commands import main\nmain({list(arguments)!r})"
    command = [sys.executable, "-c", code]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def finish(process):
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def raising_at(where, times=1):
    """Code that sends signals the moment `where`, a function of csai_train, is called."""
    module, _, name = where.rpartition(".")
    return f"""
import {module}
real = {module}.{name}
def patched(*args, **kwargs):
    for _ in range({times}):
        os.kill(os.getpid(), signal.SIGINT)
    return real(*args, **kwargs)
{module}.{name} = patched
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(tmp_path, number):
    process = csai(tmp_path, "train", "FrozenLake-v1", "--total-steps", "100000000", *RUN)
    while process.poll() is None and not _has_played(tmp_path / "run"):
        time.sleep(0.02)
    process.send_signal(number)
    status, out, err = finish(process)
    assert (status, err) == (130, "")
    run = Run.open(tmp_path / "run")
    assert run.steps_taken() > 0
    assert f"saved after {run.steps_taken():,} of 100,000,000 steps." in out
    assert "Go on with: csai train --resume run" in " ".join(out.split())
    assert status_of(run).state == "stopped"

    training = resume(run, callbacks=[_stop_at(run.steps_taken() + 10)])
    assert training.steps == run.steps_taken()


def _has_played(run_dir):
    return any(event["event"] == "episodes" for event in read_events(run_dir))


def _stop_at(steps):
    from csai_train import Callback

    class Stop(Callback):
        def step(self, training):
            training.stop_requested = training.steps >= steps

    return Stop()


@pytest.mark.parametrize("moment", ["csai_core.presets.find", "csai_train.environments.make.specify"])
def test_during_start_up_nothing_is_written(tmp_path, moment):
    status, out, err = finish(csai(tmp_path, "train", "FrozenLake-v1", *RUN, patch=raising_at(moment)))
    assert status == 130, err
    assert "nothing was written" in out
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "moment", ["evaluation.judgment.evaluate", "runs.curves.draw_curves", "evaluation.video.record_game"]
)
def test_during_the_closing_evaluation_the_training_is_safe(tmp_path, moment):
    patch = raising_at(f"csai_train.{moment}")
    status, out, err = finish(
        csai(tmp_path, "train", "FrozenLake-v1", "--total-steps", "300", *RUN, patch=patch)
    )
    assert status == 130, err
    assert "The training is complete and saved." in out
    assert "csai evaluate run" in out
    assert Run.open(tmp_path / "run").steps_taken() == 300


def test_twice_stops_at_once_with_the_last_checkpoint(tmp_path):
    """The signals come while the checkpoint after 200 steps is about to be written."""
    patch = """
from csai_train.runs.checkpoints import CheckpointFolder
save = CheckpointFolder.save
def patched(self, state, steps, **kwargs):
    if steps == 200:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
    return save(self, state, steps, **kwargs)
CheckpointFolder.save = patched
"""
    process = csai(
        tmp_path, "train", "FrozenLake-v1", "--total-steps", "1000", "--seed", "1", *RUN, patch=patch
    )
    status, out, _ = finish(process)
    assert status == 130
    assert "saved after 100 of 1,000 steps" in out
    whole = train(
        "q_learning", "FrozenLake-v1", total_steps=1000, seed=1, config=Run.open(tmp_path / "run").settings
    )
    assert resume(tmp_path / "run").algorithm.state_dict() == whole.algorithm.state_dict()


def test_while_the_last_checkpoint_is_written_it_is_still_written(tmp_path):
    patch = raising_at("csai_train.runs.checkpoint.save")
    status, out, _ = finish(csai(tmp_path, "train", "FrozenLake-v1", "--total-steps", "1", *RUN, patch=patch))
    assert status == 130
    assert "complete and saved" in out
    assert Run.open(tmp_path / "run").agent()


def test_other_threads_train_without_touching_signals():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    seen = []

    def work():
        with stop_on_signals(None):
            seen.append([signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [handlers]


def test_handlers_are_put_back():
    handlers = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    train("q_learning", "FrozenLake-v1", total_steps=5)
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == handlers


def test_the_first_signal_asks_and_the_second_interrupts():
    class Training:
        stop_requested = False

    training = Training()
    with stop_on_signals(training):
        os.kill(os.getpid(), signal.SIGINT)
        assert training.stop_requested
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGTERM)
