"""A run as one file: equal runs give equal bytes, and what csai would not write is refused."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import struct
import zipfile
from contextlib import suppress

import pytest

from csai_train import Run, train
from csai_train.errors import CheckpointError, RunError
from csai_train.runs import archive, checkpoint
from csai_train.runs.archive import pack, unpacked
from csai_train.runs.archive_card import archive_card


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    path = tmp_path_factory.mktemp("runs") / "lake"
    train("q_learning", "FrozenLake-v1", total_steps=200, seed=1, run_dir=path)
    return Run.open(path)


@pytest.fixture
def good(run, tmp_path):
    pack(run.path, run.checkpoints.good(), archive_card(run, "good.zip", "MIT"), tmp_path / "good.zip")
    return tmp_path / "good.zip"


def contents(path):
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def forge(path, files, *, manifest=True, **more):
    """Write an archive of any files, with a manifest that goes with them."""
    files = dict(files)
    if manifest:
        files.pop("manifest.json", None)
        about = {
            name: {"bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
            for name, data in files.items()
        }
        files = {"manifest.json": json.dumps({"format": 1, "files": about}).encode(), **files}
    with zipfile.ZipFile(path, "w", **more) as file:
        for name, data in files.items():
            file.writestr(name, data)
    return path


def refusal(path):
    with pytest.raises(RunError) as caught, unpacked(path):
        pass
    assert "It is none that csai export writes, or was damaged or altered." in str(caught.value)
    return str(caught.value)


def test_what_was_packed_is_unpacked(run, good):
    with unpacked(good) as folder:
        assert folder.name == "good"
        found = Run.open(folder)
        assert found.config == run.config
        assert found.checkpoints.load("best")["steps"] == run.checkpoints.best()["steps"]
        digests = [checkpoint.digests(each.agent().algorithm.state_dict()) for each in (run, found)]
        assert digests[0] == digests[1]
    assert not folder.exists()


def test_equal_runs_give_equal_bytes(run, good, tmp_path):
    os.utime(run.path / "config.json", (1, 1))
    pack(run.path, run.checkpoints.good(), archive_card(run, "good.zip", "MIT"), tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == good.read_bytes()


def test_nothing_that_tells_of_a_machine_comes_along(run, good):
    names = contents(good)
    assert "lock.json" in os.listdir(run.path)
    assert not any(name.startswith(("lock", "live", "video", "snapshots")) for name in names)
    assert str(run.path).encode() not in b"".join(names.values())


def test_a_run_without_a_checkpoint_is_not_exported(tmp_path, run):
    with pytest.raises(CheckpointError, match="holds no usable checkpoint"):
        Run(tmp_path, run.config).checkpoints.good()


FORGERIES = {
    "a way out": ("../../evil.txt", "which no run has"),
    "an absolute path": ("/etc/evil.txt", "which no run has"),
    "a path of Windows": ("..\\evil.txt", "which no run has"),
    "a drive": ("C:/evil.txt", "which no run has"),
    "code": ("setup.py", "which no run has"),
    "a pickle": ("checkpoints/step-000000000200/model.pkl", "which no run has"),
    "a hidden file": (".config.json", "which no run has"),
    "a deeper folder": ("checkpoints/step-000000000200/start/state.json", "which no run has"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_name_that_no_run_has_is_refused(good, tmp_path, name):
    forged, words = FORGERIES[name]
    assert words in refusal(forge(tmp_path / "forged.zip", {**contents(good), forged: b"x"}))
    assert not (tmp_path.parent / "evil.txt").exists()


def test_a_name_that_ends_in_its_middle_is_refused(good, tmp_path):
    (tmp_path / "forged.zip").write_bytes(good.read_bytes().replace(b"best.json", b"best.\x00son"))
    assert "which no run has" in refusal(tmp_path / "forged.zip")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_is_refused(good, tmp_path):
    path = forge(tmp_path / "forged.zip", contents(good))
    with zipfile.ZipFile(path, "a") as file:
        file.writestr("config.json", "{}")
    assert "it holds config.json twice" in refusal(path)


def test_a_bomb_is_refused_before_it_is_unpacked(good, tmp_path):
    files = {**contents(good), "metrics.csv": bytes(2**24)}
    path = forge(tmp_path / "bomb.zip", files, compression=zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 2**20
    assert "is compressed, which csai never does" in refusal(path)


def test_files_that_lie_over_each_other_are_refused(good, tmp_path):
    """The size of one file is changed, everywhere where it stands, to that of the whole archive."""
    data = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as file:
        at = file.getinfo("config.json").header_offset
    size = struct.pack("<2L", len(data), len(data))
    start = data.find(b"PK\x01\x02")
    while data[start + 46 : start + 57] != b"config.json":
        start = data.find(b"PK\x01\x02", start + 4)
    data[at + 18 : at + 26] = data[start + 20 : start + 28] = size
    (tmp_path / "forged.zip").write_bytes(data)
    assert "it would unpack to" in refusal(tmp_path / "forged.zip")


def test_a_link_is_refused(good, tmp_path):
    path = forge(
        tmp_path / "forged.zip", {name: data for name, data in contents(good).items() if name != "best.json"}
    )
    with zipfile.ZipFile(path, "a") as file:
        link = zipfile.ZipInfo("best.json")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
    assert "its best.json is no file, but a link" in refusal(path)


@pytest.mark.parametrize("change", ["altered", "shorter", "missing", "more"])
def test_what_is_not_as_the_manifest_says_is_refused(good, tmp_path, change):
    files = contents(good)
    config = files["config.json"]
    changed = {
        "altered": config.replace(b"q_learning", b"Q_learning"),
        "shorter": config[:-1],
        "missing": None,
    }
    if change == "more":
        files["train.toml"] = files.pop("train.toml")
        files["curves.png"] = b"x"
    else:
        files["config.json"] = changed[change]
    path = forge(tmp_path / "forged.zip", {k: v for k, v in files.items() if v is not None}, manifest=False)
    said = {
        "altered": "SHA-256",
        "shorter": "bytes, not",
        "missing": "does not go with",
        "more": "does not go with",
    }
    assert said[change] in refusal(path)


MANIFESTS = {
    "none": None,
    "no JSON": b"{",
    "another format": b'{"format": 2, "files": {}}',
    "no sizes": b'{"format": 1, "files": {"config.json": {"sha256": "x"}}}',
    "deep": b"[" * 60_000,
    "large": b" " * 70_000,
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_manifest_that_is_none_is_refused(good, tmp_path, name):
    files = {**contents(good), "manifest.json": MANIFESTS[name]}
    refusal(forge(tmp_path / "forged.zip", {k: v for k, v in files.items() if v is not None}, manifest=False))


def test_many_files_are_refused_before_they_are_listed(tmp_path):
    path = forge(tmp_path / "many.zip", {f"checkpoints/step-{n:012d}/state.json": b"" for n in range(200)})
    assert "it lists 201 files" in refusal(path)


@pytest.mark.parametrize("data", [b"", b"x" * 100, b"PK\x05\x06" + bytes(17), b"PK\x06\x07" + bytes(16)])
def test_what_is_no_zip_is_refused(tmp_path, data):
    (tmp_path / "x.zip").write_bytes(data)
    refusal(tmp_path / "x.zip")


def test_a_zip_that_says_elsewhere_what_it_holds_is_refused(good, tmp_path):
    data = good.read_bytes()
    (tmp_path / "large.zip").write_bytes(data[:-22] + b"PK\x06\x07" + bytes(16) + data[-22:])
    assert "more than files in it" in refusal(tmp_path / "large.zip")


def test_every_flipped_byte_of_the_front_is_harmless(good, tmp_path):
    """Whatever is damaged is refused in words, or was of no meaning."""
    data = good.read_bytes()
    for place in [*range(0, 400, 7), *range(len(data) - 400, len(data), 7)]:
        (tmp_path / "flipped.zip").write_bytes(data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :])
        with suppress(RunError), unpacked(tmp_path / "flipped.zip") as folder:
            assert Run.open(folder).seed == 1


def test_a_run_that_is_too_large_is_refused(run, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "LARGEST", 2**20)
    with pytest.raises(RunError, match="bytes to export"):
        pack(run.path, run.checkpoints.good(), "", tmp_path / "x.zip")
    assert not (tmp_path / "x.zip").exists()
