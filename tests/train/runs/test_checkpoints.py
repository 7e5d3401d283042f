"""Which checkpoints of a run are kept, which is the newest, and which the best."""

from __future__ import annotations

import json
import os

import pytest

from csai_train.errors import CheckpointError
from csai_train.runs import checkpoint
from csai_train.runs.checkpoints import CheckpointFolder

BEST = {"steps": 20, "value": 1.5, "judged_by": "evaluation"}


@pytest.fixture
def folder(tmp_path):
    return CheckpointFolder(tmp_path / "run", {"algorithm": "q"})


def save(folder, *steps, **settings):
    for each in steps:
        folder.save({"steps": each}, each, **{"keep": None, **settings})


def steps_in(folder):
    return [int(path.name[5:]) for path in folder.saved()]


def test_the_newest_are_kept_and_the_best(folder):
    save(folder, 10, 20)
    folder.name_best(BEST)
    save(folder, 30, 40, 50, keep=2)
    assert steps_in(folder) == [50, 40, 20]
    assert folder.load("best") == {"steps": 20}


def test_checkpoints_of_a_future_that_was_undone_are_removed(folder):
    save(folder, 10, 20, 30, 40)
    save(folder, 25)
    assert steps_in(folder) == [25, 20, 10]
    assert folder.load() == {"steps": 25}


def test_the_best_of_a_future_that_was_undone_is_removed_too(folder):
    save(folder, 10, 20)
    folder.name_best(BEST)
    save(folder, 15, keep=2)
    assert steps_in(folder) == [15, 10]


def test_newest_is_what_comes_after_the_most_steps_whatever_the_clock_says(folder):
    save(folder, 10, 20, 999_999_999_999, 1_000_000_000_000)
    for number, path in enumerate(folder.saved()):
        os.utime(path, (number, number))
    assert steps_in(folder) == [1_000_000_000_000, 999_999_999_999, 20, 10]
    assert folder.load() == {"steps": 1_000_000_000_000}


def test_a_checkpoint_remembers_what_was_the_best(folder):
    save(folder, 30, best=BEST)
    assert folder.best_at(30) == BEST
    assert folder.best() is None
    assert folder.best_at(40) is None
    folder.name_best(BEST)
    assert folder.best() == BEST
    assert json.loads((folder.path.parent / "best.json").read_text()) == BEST


@pytest.mark.parametrize("name", ["step-²", "step-9", "step-00000000001x", "step-" + "9" * 100, "other"])
def test_other_folders_are_no_checkpoints(folder, name):
    save(folder, 10)
    (folder.path / name).mkdir()
    assert steps_in(folder) == [10]
    save(folder, 5, keep=1)
    assert (folder.path / name).is_dir()


def test_a_checkpoint_under_another_name_is_refused(folder):
    save(folder, 10)
    folder.saved()[0].rename(folder.path / "step-000000000020")
    with pytest.raises(CheckpointError, match=r"does not belong here: it comes after 10 steps"):
        folder.load(20)
    checkpoint.save(folder.path / "step-000000000020", {"steps": 3}, {"steps": 20, "algorithm": "q"})
    with pytest.raises(CheckpointError, match=r"another state than its name says"):
        folder.load(20)


@pytest.mark.parametrize("steps", [None, 10.0, "10", True])
def test_steps_that_are_no_number_are_refused(folder, steps):
    checkpoint.save(folder.path / "step-000000000010", {"steps": steps}, {"steps": 10, "algorithm": "q"})
    with pytest.raises(CheckpointError, match=f"its steps are {steps!r}"):
        folder.load(10)


def test_a_state_need_not_tell_its_steps(folder):
    checkpoint.save(folder.path / "step-000000000010", {"a": 1}, {"steps": 10, "algorithm": "q"})
    assert folder.load(10) == {"a": 1}


def test_where_no_checkpoint_is_good_none_is_named(folder):
    save(folder, 10)
    (folder.saved()[0] / "state.json").write_text("{}")
    with pytest.raises(CheckpointError, match="is damaged") as refused:
        folder.load(10)
    assert "newest good checkpoint" not in str(refused.value)
    save(folder, 20)
    with pytest.raises(CheckpointError, match=r"The newest good checkpoint is .*step-000000000020"):
        folder.load(10)


def test_a_best_that_is_a_link_is_none(folder, tmp_path):
    folder.path.parent.mkdir(exist_ok=True)
    (tmp_path / "best.json").write_text(json.dumps(BEST))
    (folder.path.parent / "best.json").symlink_to(tmp_path / "best.json")
    assert folder.best() is None
