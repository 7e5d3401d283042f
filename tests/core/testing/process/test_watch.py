"""What code does to its process is noted, and undone where it can be."""

import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np

from csai_core.testing.process.remains import lasting
from csai_core.testing.process.settings import settings_kept
from csai_core.testing.process.watch import watching


def test_output_is_kept_from_the_screen(capfd):
    with watching() as watched:
        print("one")
        print("two", file=sys.stderr)
        os.write(1, b"three\n")
    assert sorted(watched.output.split()) == ["one", "three", "two"]
    assert capfd.readouterr() == ("", "")


def test_files_that_stay_are_noted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("old").write_text("old")
    with watching() as watched:
        Path("old").read_text()
        Path("new").write_text("new")
        with tempfile.TemporaryDirectory() as folder:
            (Path(folder) / "brief").write_text("brief")
        Path(os.devnull).write_text("nothing")
    assert watched.files == ["It writes the file new"]


def test_variables_and_sleep_are_noted_and_variables_put_back():
    with watching() as watched:
        os.environ["A_POND"] = "1"
        time.sleep(0)
    assert watched.variables == ["A_POND"]
    assert watched.num_sleeps == 1
    assert "A_POND" not in os.environ


def test_settings_are_noted_and_put_back():
    changed, before = [], (np.geterr(), list(warnings.filters), sys.getrecursionlimit())
    with settings_kept(changed):
        np.seterr(all="raise")
        warnings.simplefilter("always", BytesWarning)
        sys.setrecursionlimit(3000)
    assert changed == [
        "the filters of warnings",
        "what numpy does at floating point errors (numpy.seterr)",
        "the limit of recursion",
    ]
    assert (np.geterr(), list(warnings.filters), sys.getrecursionlimit()) == before


def test_open_files_last(tmp_path):
    before = lasting()
    with (tmp_path / "file").open("w"):
        more = lasting()["open file or socket"] - before["open file or socket"]
        assert [Path(where).name for _, where in more] == ["file"]
