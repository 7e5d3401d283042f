"""A directory that another has taken the place of is noticed before each write."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from csai_core import directory_handle, storage
from csai_core.directory_handle import LostDirectoryError, held


def delete(path):
    shutil.rmtree(path)


def move_away(path):
    path.rename(path.with_name("elsewhere"))


def replace_by_another(path):
    shutil.rmtree(path)
    path.mkdir()
    (path / "file").write_text("a stranger's")


def replace_by_a_link(path):
    path.rename(path.with_name("elsewhere"))
    path.with_name("other").mkdir()
    path.symlink_to(path.with_name("other"))


def replace_by_a_file(path):
    shutil.rmtree(path)
    path.write_text("a stranger's")


LOSSES = [delete, move_away, replace_by_another, replace_by_a_link, replace_by_a_file]


def write(path):
    storage.write(path / "file", "ours")


def write_deep(path):
    storage.write(path / "a" / "b" / "file", "ours")


def make_directory(path):
    with storage.replacement(path / "folder") as unfinished:
        unfinished.mkdir()


def remove(path):
    storage.remove(path / "file")


def everything_in(folder):
    return {str(path.relative_to(folder)): path.is_file() and path.read_text() for path in folder.rglob("*")}


@pytest.mark.parametrize("way", [write, write_deep, make_directory, remove])
@pytest.mark.parametrize("lose", LOSSES)
def test_nothing_is_written_where_the_directory_no_longer_is(tmp_path, lose, way):
    run = tmp_path / "run"
    run.mkdir()
    with held(run):
        storage.write(run / "file", "before")
        lose(run)
        there = everything_in(tmp_path)
        with pytest.raises(LostDirectoryError, match=rf"The folder {run} (is gone|was replaced)"):
            way(run)
        assert everything_in(tmp_path) == there


def test_what_takes_its_place_during_a_write_is_noticed_too(tmp_path):
    run = tmp_path / "run"
    run.mkdir()

    def write_and_lose_it():
        with held(run), storage.replacement(run / "file") as unfinished:
            replace_by_another(run)
            unfinished.write_text("ours")

    with pytest.raises(LostDirectoryError):
        write_and_lose_it()
    assert everything_in(run) == {"file": "a stranger's"}


def test_a_link_in_a_held_directory_is_replaced_and_not_followed(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "target").write_text("as it was")
    (tmp_path / "run" / "file").symlink_to(tmp_path / "target")
    with held(tmp_path / "run"):
        storage.write(tmp_path / "run" / "file", "new")
    assert (tmp_path / "target").read_text() == "as it was"
    assert not (tmp_path / "run" / "file").is_symlink()


def test_a_directory_may_be_reached_by_a_link_and_from_elsewhere(tmp_path, monkeypatch):
    (tmp_path / "far").mkdir()
    (tmp_path / "near").symlink_to(tmp_path / "far")
    monkeypatch.chdir(tmp_path)
    with held(Path("near")):
        os.chdir("far")
        storage.write(tmp_path / "near" / "file", "through")
        storage.write(Path("..", "near", "file"), "through")
        assert directory_handle.handle_of(tmp_path / "near" / "deep" / "er").path == str(tmp_path / "near")
    assert (tmp_path / "far" / "file").read_text() == "through"


def test_what_lies_elsewhere_is_nobodys_concern(tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    with held(run):
        shutil.rmtree(run)
        storage.write(tmp_path / "runs", "x")
        assert directory_handle.handle_of(tmp_path / "runs") is None
    storage.write(run / "file", "afterwards")


def test_who_holds_a_directory_first_holds_it_to_the_end(tmp_path):
    with held(tmp_path) as first:
        with held(tmp_path):
            assert directory_handle.handle_of(tmp_path) is first
        assert directory_handle.handle_of(tmp_path) is first


def test_what_is_no_directory_cannot_be_held(tmp_path):
    (tmp_path / "file").write_text("")
    for name in ("file", "nothing"):
        with pytest.raises(OSError, match=name), held(tmp_path / name):
            pass


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts what is open")
def test_a_directory_is_let_go_of(tmp_path):
    before = len(os.listdir("/proc/self/fd"))
    with held(tmp_path):
        pass
    assert len(os.listdir("/proc/self/fd")) == before
    assert directory_handle.handle_of(tmp_path) is None
