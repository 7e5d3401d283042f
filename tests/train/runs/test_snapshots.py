"""Which snapshots a training keeps, and when."""

from __future__ import annotations

import pytest

from csai_train.errors import CheckpointError
from csai_train.runs import snapshot
from csai_train.runs.snapshots import KEPT, SnapshotFolder, due_after


def data(steps):
    return snapshot.to_bytes(snapshot.Snapshot(steps, 1, "any", {"network": None, "state": {}}))


@pytest.mark.parametrize("total", [400, 20_000, 1_000_000])
def test_they_are_due_at_steps_that_grow_by_the_same_factor_up_to_the_end(total):
    found, done = [], 0
    while (due := due_after(done, total)) is not None:
        found.append(due)
        done = due
    assert found[-1] == total
    assert len(found) == KEPT
    assert found[0] == max(1, total // 400)


def test_a_folder_knows_them_by_their_steps(tmp_path):
    folder = SnapshotFolder(tmp_path)
    assert folder.steps() == []
    assert folder.newest() is None
    for steps in (30, 4, 500):
        folder.save(steps, data(steps))
    (folder.path / "step-other").write_text("x")
    assert folder.steps() == [4, 30, 500]
    assert folder.read(30).steps == 30
    folder.forget_after(30)
    assert folder.steps() == [4, 30]
    (folder.path / "step-000000000030.safetensors").write_bytes(b"")
    assert folder.newest().steps == 4


def test_one_under_the_name_of_another_is_refused(tmp_path):
    folder = SnapshotFolder(tmp_path)
    folder.save(5, data(4))
    with pytest.raises(CheckpointError, match="after 4 steps"):
        folder.read(5)
