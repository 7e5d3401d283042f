"""Files and directories are whole or as they were, whatever happens while they are written."""

from __future__ import annotations

import ast
import os
import random
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from csai_core import storage

SIZE = 200_000
ENDLESS_WRITER = f"""
import sys
from pathlib import Path
from csai_core import storage

path, number = Path(sys.argv[1]), 0
print("ready", flush=True)
while True:
    number = (number + 1) % 10
    if sys.argv[2] == "file":
        storage.write(path, str(number) * {SIZE})
    else:
        with storage.replacement(path) as unfinished:
            unfinished.mkdir()
            for name in ("one", "two"):
                (unfinished / name).write_text(str(number) * {SIZE})
"""


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_on_the_way_to_its_place(tmp_path):
    path = tmp_path / "new" / "folders" / "file.txt"
    storage.write(path, "käse\n")
    assert path.read_bytes() == "käse\n".encode()
    storage.write(str(path), b"\r\n\x00")
    assert path.read_bytes() == b"\r\n\x00"
    assert names(path.parent) == ["file.txt"]


def test_the_temporary_name_has_the_suffix_and_is_hidden(tmp_path):
    with storage.replacement(tmp_path / "picture.png") as unfinished:
        assert unfinished.parent == tmp_path
        assert unfinished.suffix == ".png"
        assert unfinished.name.startswith(".")
        assert not unfinished.exists()
        unfinished.write_bytes(b"")
    assert names(tmp_path) == ["picture.png"]


@pytest.mark.parametrize("name", ["n" * 255, "n" * 251 + ".txt"])
def test_names_may_be_as_long_as_the_file_system_allows(tmp_path, name):
    storage.write(tmp_path / name, "long")
    assert names(tmp_path) == [name]


def test_a_file_has_the_permissions_that_any_new_file_has(tmp_path):
    (tmp_path / "plain").write_text("")
    storage.write(tmp_path / "file", "")
    assert (tmp_path / "file").stat().st_mode == (tmp_path / "plain").stat().st_mode


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(tmp_path, error):
    path = tmp_path / "file"
    storage.write(path, "old")

    def fail_half_way():
        with storage.replacement(path) as unfinished:
            unfinished.write_text("half")
            raise error

    with pytest.raises(error):
        fail_half_way()
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


def test_a_block_that_writes_nothing_is_an_error(tmp_path):
    path = tmp_path / "file"
    storage.write(path, "old")
    with pytest.raises(FileNotFoundError), storage.replacement(path):
        pass
    assert path.read_text() == "old"


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_system_that_refuses_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch, call):
    def refuse(*_):
        raise OSError(28, "No space left on device")

    storage.write(tmp_path / "file", "old")
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(OSError, match="No space left"):
        storage.write(tmp_path / "file", "new")
    assert (tmp_path / "file").read_text() == "old"
    assert names(tmp_path) == ["file"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sets no limit on the size of files")
def test_a_write_that_the_disk_cuts_short_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "file"
    storage.write(path, "old")
    code = f"""
import resource, signal
from csai_core import storage
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
try:
    storage.write({str(path)!r}, "new" * 1000)
except OSError as error:
    print(error.errno)
"""
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(printed) > 0
    assert path.read_text() == "old"
    assert names(tmp_path) == ["file"]


def is_whole(path):
    text = path.read_text()
    return text in {str(number) * SIZE for number in range(10)}


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_what_a_killed_writer_leaves_is_whole(tmp_path, kind):
    draw, path = random.Random(0), tmp_path / "thing"
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", ENDLESS_WRITER, str(path), kind], stdout=subprocess.PIPE, text=True
        )
        process.stdout.readline()
        while not path.exists() and not list(tmp_path.glob(".*.replaced")):
            time.sleep(0.001)
        time.sleep(draw.uniform(0, 0.05))
        process.kill()
        process.communicate()
        storage.recover(tmp_path)
        assert names(tmp_path) == ["thing"]
        written = [path] if kind == "file" else [path / "one", path / "two"]
        assert all(map(is_whole, written))
        assert len({each.read_text() for each in written}) == 1


def test_of_writers_at_the_same_time_one_wins_and_readers_see_whole_files(tmp_path):
    path = tmp_path / "file"
    storage.write(path, "0" * SIZE)
    torn = []

    def write(number):
        for _ in range(20):
            storage.write(path, str(number) * SIZE)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        if not is_whole(path):
            torn.append(path.read_text())
    assert not torn
    assert names(tmp_path) == ["file"]


def make_directory(path, content, **options):
    with storage.replacement(path, **options) as unfinished:
        (unfinished / "inner").mkdir(parents=True)
        (unfinished / "inner" / "file").write_text(content)


def test_everything_of_a_directory_and_what_names_it_is_flushed_before_it_counts(tmp_path, monkeypatch):
    flushed, moved = set(), []
    fsync, replace = os.fsync, os.replace

    def note_flush(descriptor):
        flushed.add(os.fstat(descriptor).st_ino)
        fsync(descriptor)

    def note_move(source, target):
        moved.append((set(flushed), Path(source).stat().st_ino))
        flushed.clear()
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_flush)
    monkeypatch.setattr(os, "replace", note_move)
    make_directory(tmp_path / "it", "content")
    ((before, directory),) = moved
    inside = {path.stat().st_ino for path in (tmp_path / "it").rglob("*")}
    assert before == inside | {directory}
    assert flushed == {tmp_path.stat().st_ino}


def test_a_directory_replaces_another_with_all_that_is_in_it(tmp_path):
    make_directory(tmp_path / "v1.0", "old")
    (tmp_path / "v1.0" / "more").write_text("")
    make_directory(tmp_path / "v1.0", "new")
    assert names(tmp_path) == ["v1.0"]
    assert names(tmp_path / "v1.0") == ["inner"]
    assert (tmp_path / "v1.0" / "inner" / "file").read_text() == "new"


def test_a_directory_that_cannot_take_its_place_leaves_the_old_one(tmp_path, monkeypatch):
    make_directory(tmp_path / "it", "old")
    rename = Path.rename

    def refuse(self, target):
        if "unfinished" in self.name:
            raise PermissionError("no")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        make_directory(tmp_path / "it", "new")
    assert (tmp_path / "it" / "inner" / "file").read_text() == "old"
    assert names(tmp_path) == ["it"]


def test_nothing_gives_way_where_that_is_not_wanted(tmp_path):
    make_directory(tmp_path / "it", "old", overwrite=False)
    with pytest.raises(FileExistsError, match="exists already"):
        make_directory(tmp_path / "it", "new", overwrite=False)
    assert (tmp_path / "it" / "inner" / "file").read_text() == "old"
    assert names(tmp_path) == ["it"]


def test_a_directory_that_another_process_makes_meanwhile_does_not_give_way(tmp_path, monkeypatch):
    make_directory(tmp_path / "it", "theirs")
    monkeypatch.setattr(Path, "exists", lambda self: False)
    with pytest.raises(OSError, match="not empty"):
        make_directory(tmp_path / "it", "ours", overwrite=False)
    assert (tmp_path / "it" / "inner" / "file").read_text() == "theirs"


def test_recovery_puts_back_what_has_no_successor_and_clears_the_rest(tmp_path):
    run = tmp_path / "run"
    for name in (".step-1.0123abcd.replaced", ".step-2.0123abcd.replaced", "step-2", ".step-3.45.unfinished"):
        (run / "checkpoints" / name).mkdir(parents=True)
    (run / ".config.0123abcd.unfinished.json").write_text("")
    (run / ".gitignore").write_text("")
    storage.recover(run)
    assert names(run) == [".gitignore", "checkpoints"]
    assert names(run / "checkpoints") == ["step-1", "step-2"]


def test_a_link_stays_and_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "far" / "file").write_text("old")
    (tmp_path / "link").symlink_to(tmp_path / "far" / "file")
    storage.write(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "far" / "file").read_text() == "new"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    storage.write(pipe, "through")
    reader.join()
    assert read == ["through"]
    assert pipe.is_fifo()


SOURCES = sorted((Path(__file__).parents[2] / "packages").glob("*/src/**/*.py"))
RENAMES = {"rename", "renames", "replace"}
"""What moves a file, if called with one argument, or on the module os."""


def moves_or_flushes(call):
    """Whether a call moves a file or flushes it to the disk, as only storage may."""
    if not isinstance(call.func, ast.Attribute):
        return isinstance(call.func, ast.Name) and call.func.id == "fsync"
    is_of_os = isinstance(call.func.value, ast.Name) and call.func.value.id in ("os", "shutil")
    name, is_text = call.func.attr, len(call.args) != 1 or bool(call.keywords)
    if is_of_os:
        return name in RENAMES | {"fsync", "fdatasync", "move", "link"}
    # Texts, dates and dataclasses have a replace of their own, which takes no single argument.
    return name in RENAMES and not is_text


NOT_FILES = {"self.replace", "self._body.replace", "marimo.output.replace"}
"""A batch of snakes puts in new ones, and a cell of a notebook shows something else."""


def test_nothing_but_storage_moves_files_or_flushes_them():
    assert len({source.parts[-2] for source in SOURCES}) > 4
    offenders = [
        f"{source}:{node.lineno}: {ast.unparse(node)}"
        for source in SOURCES
        if source.name != "storage.py"
        for node in ast.walk(ast.parse(source.read_text()))
        if isinstance(node, ast.Call) and moves_or_flushes(node) and ast.unparse(node.func) not in NOT_FILES
    ]
    assert offenders == [], "use csai_core.storage.write or storage.replacement"
