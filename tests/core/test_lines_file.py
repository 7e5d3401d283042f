"""Whatever tears a line, the next one stands whole."""

from __future__ import annotations

import errno
import os

import pytest

from csai_core import directory_handle
from csai_core.lines_file import LinesFile


def test_lines_are_added_at_the_end(tmp_path):
    for line in (b"one\n", b"two\nthree\n"):
        file = LinesFile(tmp_path / "lines")
        file.write(line)
        file.close()
    assert (tmp_path / "lines").read_bytes() == b"one\ntwo\nthree\n"


def test_a_line_that_a_crash_has_torn_is_ended(tmp_path):
    (tmp_path / "lines").write_bytes(b"one\ntw")
    file = LinesFile(tmp_path / "lines")
    file.write(b"three\n")
    file.write(b"four\n")
    assert (tmp_path / "lines").read_bytes() == b"one\ntw\nthree\nfour\n"


@pytest.mark.parametrize(
    ("room", "found"),
    [
        (0, b"one\nthree\n"),
        (2, b"one\ntw\nthree\n"),
        (3, b"one\ntwo\nthree\n"),
        (4, b"one\ntwo\nthree\n"),
        (6, b"one\ntwo\nTW\nthree\n"),
    ],
)
def test_a_line_that_a_full_disk_has_torn_is_ended_before_the_next(tmp_path, monkeypatch, room, found):
    file = LinesFile(tmp_path / "lines")
    file.write(b"one\n")
    left, write = [room], os.write

    def short(descriptor, data):
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write(descriptor, data[: left[0]])
        left[0] -= written
        return written

    with monkeypatch.context() as full:
        full.setattr(os, "write", short)
        with pytest.raises(OSError, match="No space left"):
            file.write(b"two\nTWO\n")
    file.write(b"three\n")
    assert (tmp_path / "lines").read_bytes() == found


def test_a_write_that_the_system_splits_is_finished(tmp_path, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    LinesFile(tmp_path / "lines").write(b"one line\n")
    assert (tmp_path / "lines").read_bytes() == b"one line\n"


def test_a_link_a_pipe_and_a_folder_are_refused(tmp_path):
    (tmp_path / "target").write_text("as it was")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "folder").mkdir()
    for name in ("link", "pipe", "folder"):
        with pytest.raises(OSError, match=r"link|pipe|directory"):
            LinesFile(tmp_path / name)
    assert (tmp_path / "target").read_text() == "as it was"


def test_nothing_is_added_to_what_takes_its_place(tmp_path):
    run, moved = tmp_path / "run", tmp_path / "moved"
    run.mkdir()
    with directory_handle.held(run):
        file = LinesFile(run / "lines")
        file.write(b"one\n")
        run.rename(moved)
        run.mkdir()
        (run / "lines").write_bytes(b"a stranger's\n")
        file.write(b"two\n")
        with pytest.raises(directory_handle.LostDirectoryError):
            LinesFile(run / "lines")
    assert (moved / "lines").read_bytes() == b"one\ntwo\n"
    assert (run / "lines").read_bytes() == b"a stranger's\n"
