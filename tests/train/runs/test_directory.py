"""A training writes to its own directory to the end, and to no other."""

from __future__ import annotations

import shutil
from functools import partial

import pytest

from csai_core.errors import LostDirectoryError
from csai_train import Callback, resume, train
from csai_train.errors import RunError
from csai_train.runs.directory import reserved_path


def delete(run):
    shutil.rmtree(run)


def replace_by_another_run(run):
    run.rename(run.with_name("elsewhere"))
    shutil.copytree(run.with_name("stranger"), run)


def replace_by_a_link(run):
    run.rename(run.with_name("elsewhere"))
    run.symlink_to(run.with_name("stranger"))


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class At(Callback):
    """Does something after a number of steps."""

    def __init__(self, steps, what):
        self.steps, self.what, self.seen = steps, what, None

    def step(self, training):
        if training.steps == self.steps:
            self.what()


@pytest.mark.parametrize("lose", [delete, replace_by_another_run, replace_by_a_link])
@pytest.mark.parametrize("goes_on", [False, True])
def test_a_directory_that_is_lost_while_it_is_trained_ends_the_training(tmp_path, lose, goes_on):
    run, stranger, seen = tmp_path / "run", tmp_path / "stranger", []
    train("q_learning", "FrozenLake-v1", total_steps=300, seed=5, run_dir=stranger)
    if goes_on:
        train("q_learning", "FrozenLake-v1", total_steps=30, run_dir=run)

    def lose_it():
        lose(run)
        seen.append((contents(run) if run.exists() else {}, contents(stranger)))

    callbacks = [At(35, lose_it), At(100, lambda: seen.append("went on"))]
    begin = partial(resume, run) if goes_on else partial(train, "q_learning", "FrozenLake-v1", run_dir=run)
    with pytest.raises(LostDirectoryError, match=r"The folder .*run (is gone|was replaced)"):
        begin(total_steps=1000, callbacks=callbacks)
    assert seen == [(contents(run) if run.exists() else {}, contents(stranger))]


def test_a_run_may_be_made_in_an_empty_folder_and_in_no_other(tmp_path):
    (tmp_path / "empty").mkdir()
    train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / "empty")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").write_text("")
    with pytest.raises(RunError, match="exists already, and is no run"):
        train("q_learning", "FrozenLake-v1", total_steps=10, run_dir=tmp_path / "full")
    assert contents(tmp_path / "full").keys() == {(tmp_path / "full" / "file").relative_to(tmp_path / "full")}


def test_where_nothing_can_be_written_no_name_is_taken(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs").write_text("")
    with pytest.raises(RunError, match=r"No run can be kept in .*--run-dir"), reserved_path("x", "y"):
        pass
