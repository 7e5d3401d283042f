"""A view plays with the newest weights that it can read."""

from __future__ import annotations

import shutil

import pytest

from csai_core import storage
from csai_train import Run
from csai_train.live.weights import Handed, Kept, Pupil
from csai_train.runs import snapshot
from csai_train.runs.audience import LIVE, WEIGHTS
from csai_train.runs.snapshots import SnapshotFolder


@pytest.fixture
def run(finished, tmp_path):
    shutil.copytree(finished.path, tmp_path / "run")
    return Run.open(tmp_path / "run")


def hand(run, data):
    storage.write(run.path / LIVE / WEIGHTS, data, is_lasting=False)


def test_kept_ones_come_in_the_order_of_the_steps(run):
    kept, steps = Kept(run), SnapshotFolder(run.path).steps()
    assert kept.newest(steps[0] - 1) is None
    assert kept.newest(steps[0]).steps == steps[0]
    assert kept.newest(steps[0]) is None
    assert kept.newest(steps[2] + 1).steps == steps[2]
    assert kept.newest(10**9).steps == steps[-1]


def test_a_damaged_one_is_passed_over(run):
    steps = SnapshotFolder(run.path).steps()
    next(run.path.glob(f"snapshots/step-*{steps[-1]}.safetensors")).write_bytes(b"no")
    assert Kept(run).newest(10**9).steps == steps[-2]


def test_what_is_handed_is_preferred_and_given_once(run):
    handed, folder = Handed(run), SnapshotFolder(run.path)
    first, last = (folder.read(folder.steps()[i]) for i in (0, -1))
    assert handed.newest(10**9).steps == last.steps
    hand(run, snapshot.to_bytes(first))
    assert handed.newest(10**9).steps == first.steps
    assert handed.newest(10**9) is None


def test_a_pupil_keeps_what_it_has_where_the_new_cannot_be_read(run):
    pupil = Pupil(run, Handed(run))
    assert pupil.age == "untrained"
    assert pupil.refresh(10**9)
    table = dict(pupil.algorithm.table.q_table)
    for bad in (b"torn", snapshot.to_bytes(snapshot.Snapshot(9, 9, "any", {"network": None, "state": {}}))):
        hand(run, bad)
        assert not pupil.refresh(10**9)
        assert pupil.algorithm.table.q_table == table
        assert pupil.age == "after 3,000 steps"
