"""kill -9 at any moment: the run goes on from a good checkpoint, and nothing damaged is believed."""

from __future__ import annotations

import random
import subprocess
import sys
import time
import warnings

import pytest

from csai_train import Run, resume, train
from csai_train.runs import checkpoint
from csai_train.runs.events_file import read_events

CODE = """
import sys
from csai_train import resume, train
if sys.argv[2] == "start":
    train("q_learning", "FrozenLake-v1", total_steps=int(sys.argv[3]), seed=3, run_dir=sys.argv[1],
          checkpoint_every=100)
else:
    resume(sys.argv[1])
"""


def kill_at_random(folder, kills, total_steps, seed):
    """Start and resume a run until it has been killed so often; how often it was."""
    draw = random.Random(seed)
    run, killed = folder / "run", 0
    while killed < kills:
        what = "resume" if run.exists() else "start"
        process = subprocess.Popen(
            [sys.executable, "-c", CODE, str(run), what, str(total_steps)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        _wait_for_a_sign_of_life(run, process)
        time.sleep(draw.uniform(0, 0.3))
        process.kill()
        _, err = process.communicate()
        assert process.returncode in (-9, 0), err.decode()
        if process.returncode == 0:
            return killed
        killed += 1
    return killed


def _wait_for_a_sign_of_life(run, process):
    """Kill in the middle of the work and not of the imports: half of the time after the lock is taken."""
    before = (run / "lock.json").stat().st_mtime if (run / "lock.json").exists() else None
    while process.poll() is None:
        if (run / "lock.json").exists() and (run / "lock.json").stat().st_mtime != before:
            return
        time.sleep(0.002)


def check(folder, total_steps):
    """What was killed ends as what was not."""
    whole = train("q_learning", "FrozenLake-v1", total_steps=total_steps, seed=3, run_dir=folder / "whole")
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # every checkpoint that is there must be good
        ended = resume(folder / "run")
    assert ended.is_complete
    assert checkpoint.digests(ended.state_dict()) == checkpoint.digests(whole.state_dict())
    for path in Run.open(folder / "run").checkpoints.saved():
        checkpoint.load(path)
    one, other = (
        [event for event in read_events(folder / name) if event["event"] == "episode"]
        for name in ("run", "whole")
    )
    assert one == other
    assert (folder / "run" / "metrics.csv").read_text() == (folder / "whole" / "metrics.csv").read_text()


def test_a_run_survives_being_killed(tmp_path):
    assert kill_at_random(tmp_path, kills=3, total_steps=12_000, seed=0) > 0
    check(tmp_path, 12_000)


@pytest.mark.learning
@pytest.mark.timeout(3600)
def test_a_run_survives_being_killed_two_hundred_times(tmp_path):
    killed, seed = 0, 0
    while killed < 200:
        seed += 1
        folder = tmp_path / str(seed)
        folder.mkdir()
        killed += kill_at_random(folder, kills=min(25, 200 - killed), total_steps=12_000, seed=seed)
        check(folder, 12_000)
