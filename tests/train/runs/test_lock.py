"""One process at a time trains a run."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from csai_train.errors import RunError
from csai_train.runs.lock import is_locked, locked


def test_another_process_is_refused_and_told_who_has_it(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from csai_train.runs.lock import locked\n"
        "with locked(Path(sys.argv[1])): print('taken', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert other.stdout.readline() == b"taken\n"
        assert is_locked(tmp_path)
        with pytest.raises(RunError, match=rf"being trained by process {other.pid} on .*Stop that one first"):
            locked(tmp_path).__enter__()
    finally:
        other.kill()
        other.communicate()
    assert not is_locked(tmp_path)
    with locked(tmp_path):
        pass


def test_a_run_is_free_again_afterwards(tmp_path):
    assert not is_locked(tmp_path)
    with locked(tmp_path):
        assert is_locked(tmp_path)
    assert not is_locked(tmp_path)


def test_looking_at_a_lock_does_not_keep_others_from_it(tmp_path):
    with locked(tmp_path):
        pass
    with (tmp_path / "lock.json").open("r+") as looking:
        from csai_train.runs import lock

        assert lock._take(looking)
        with pytest.raises(RunError):
            locked(tmp_path).__enter__()
    with locked(tmp_path):
        pass


def test_whoever_takes_a_run_is_named_in_the_place_of_who_had_it(tmp_path):
    (tmp_path / "lock.json").write_text(json.dumps({"process": 1, "computer": "x" * 1000, "since": 0}))
    for _ in range(2):
        with locked(tmp_path):
            owner = json.loads((tmp_path / "lock.json").read_text())
            assert owner["process"] == os.getpid()
            assert owner["computer"] == platform.node()


@pytest.mark.parametrize(
    "content", ["", "[]", '{"process": "\x1b[31m"}', '{"since": 1e300}', "[" * 10_000, "\0"]
)
def test_a_run_is_refused_whatever_stands_of_its_owner(tmp_path, content):
    with locked(tmp_path):
        (tmp_path / "lock.json").write_text(content)
        with pytest.raises(RunError, match=r"is being trained by another process\."):
            locked(tmp_path).__enter__()


@pytest.mark.timeout(20)
@pytest.mark.parametrize("make", [lambda path: path.symlink_to("target"), os.mkfifo, Path.mkdir])
def test_a_lock_that_is_no_file_is_refused_and_not_followed(tmp_path, make):
    (tmp_path / "target").write_text("as it was")
    make(tmp_path / "lock.json")
    with pytest.raises(RunError), locked(tmp_path):
        pass
    assert not is_locked(tmp_path)
    assert (tmp_path / "target").read_text() == "as it was"


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be written"), locked(tmp_path / "file"):
        pass


def test_what_a_killed_process_left_unfinished_is_cleared_away_and_a_checkpoint_put_back(tmp_path):
    (tmp_path / ".config.0123abcd.unfinished.json").write_text("{")
    (tmp_path / "checkpoints" / ".step-1.0123abcd.replaced").mkdir(parents=True)
    with locked(tmp_path):
        assert [path.name for path in (tmp_path / "checkpoints").iterdir()] == ["step-1"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoints", "lock.json"]
