"""kill -9 at any moment: the run goes on from a good checkpoint, and nothing damaged is believed."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
import types
import warnings

import numpy as np
import pytest
import torch

from csai_train import Run, resume, train
from csai_train.callbacks.evaluations import Evaluations
from csai_train.datasets import DatasetRun, resume_on_dataset, train_on_dataset
from csai_train.runs import checkpoint
from csai_train.runs.episodes import read_episodes
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
    one, other = (read_episodes(Run.open(folder / name)) for name in ("run", "whole"))
    assert one == other
    assert sum(summary.count for summary in one) == ended.num_episodes
    assert (folder / "run" / "metrics.csv").read_text() == (folder / "whole" / "metrics.csv").read_text()


def test_a_run_survives_being_killed(tmp_path):
    assert kill_at_random(tmp_path, kills=3, total_steps=12_000, seed=0) > 0
    check(tmp_path, 12_000)


class Killed(BaseException):
    """Ends a process in the middle of what it writes, as far as the files can tell."""


class KillAt:
    """Lets a process write so many times, and then never again."""

    WRITES = ((os, "write"), (os, "replace"), (os, "rename"), (os, "fsync"))

    def __init__(self, monkeypatch, writes):
        self.left = writes
        for module, name in self.WRITES:
            monkeypatch.setattr(module, name, self.counted(getattr(module, name)))

    def counted(self, write):
        def count(*arguments, **more):
            if self.left == 0:
                raise Killed
            self.left -= 1
            return write(*arguments, **more)

        return count


def judged(folder):
    """What stands for good in a run: how it was judged, and which state is the best."""
    run = Run.open(folder)
    return (
        [{**event, "time": 0} for event in read_events(folder) if event["event"] in ("evaluation", "epoch")],
        run.checkpoints.best(),
        run.checkpoints.load("best")["steps"],
        checkpoint.digests(run.checkpoints.load("newest")),
    )


def kill_at_every_write(folder, monkeypatch, begin, go_on, sample, judged=judged):
    """Kill a training at each of its writes and go on with it: it must end as the one that was not killed."""
    begin(folder / "whole")
    expected = judged(folder / "whole")
    with monkeypatch.context() as patched:
        counting = KillAt(patched, -1)
        begin(folder / "counted")
    writes = -1 - counting.left
    for number in sample(range(1, writes)):
        with monkeypatch.context() as patched:
            KillAt(patched, number)
            with pytest.raises(Killed):
                begin(folder / str(number))
        if (folder / str(number)).exists():
            go_on(folder / str(number))
            assert judged(folder / str(number)) == expected, number


@pytest.mark.parametrize("checkpoint_every", [None, 35])
def test_what_a_training_is_judged_by_survives_a_kill_at_any_write(
    tmp_path, monkeypatch, corridor_id, checkpoint_every
):
    monkeypatch.setattr(Evaluations.__init__, "__defaults__", (2, 4))

    def begin(folder):
        train(
            "q_learning",
            corridor_id,
            total_steps=100,
            seed=4,
            config={"learning_rate": 0.3},
            run_dir=folder,
            callbacks=["evaluation"],
            checkpoint_every=checkpoint_every,
        )

    draw = random.Random(1)
    kill_at_every_write(tmp_path, monkeypatch, begin, resume, lambda all_of: draw.sample(all_of, 15))
    best = Run.open(tmp_path / "whole").checkpoints.best()
    assert best["judged_by"] == "evaluation"


def test_what_a_training_on_a_dataset_is_judged_by_survives_a_kill_at_any_write(tmp_path, monkeypatch):
    draw = np.random.default_rng(0)
    inputs, labels = draw.normal(size=(20, 3)).astype(np.float32), draw.integers(0, 2, 20)

    def parts():
        dataset = types.SimpleNamespace(trainset=(inputs, labels), testset=(inputs, labels), num_classes=2)
        torch.manual_seed(0)
        return {"net": torch.nn.Linear(3, 2), "dataset": dataset}

    def begin(folder):
        config = {"batch_size": 5, "learning_rate": 0.1}
        train_on_dataset(**parts(), epochs=3, seed=1, run_dir=folder, config=config)

    def judged(folder):
        run = DatasetRun.open(folder)
        epochs = [
            {**event, "time": 0, "seconds": 0} for event in read_events(folder) if event["event"] == "epoch"
        ]
        return epochs, run.checkpoints.best(), checkpoint.digests(run.checkpoints.load("newest"))

    def go_on(folder):
        resume_on_dataset(folder, **parts())

    choose = random.Random(1)
    kill_at_every_write(tmp_path, monkeypatch, begin, go_on, lambda all_of: choose.sample(all_of, 15), judged)


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
