"""Checkpoints come back as they were, or not at all."""

from __future__ import annotations

import json
import math
import os
import pickle
import sys
from collections import deque

import numpy as np
import pytest
import safetensors.numpy
import torch

from csai_core.testing.compare import difference
from csai_train.errors import CheckpointError
from csai_train.runs import checkpoint

STATE = {
    "weights": {"layer/0": np.arange(6, dtype=np.float32).reshape(2, 3), "empty": np.zeros((0, 2))},
    "table": {(0, 1): [0.5, math.inf], (1, 0): [1e-300, -0.0]},
    "recent": deque([1.5, -2.5], maxlen=100),
    "seen": {1, 2},
    "counters": (2**70, True, None, "ä"),
}


def test_what_is_loaded_is_what_was_saved(tmp_path):
    path = tmp_path / "step"
    checkpoint.save(path, STATE, {"steps": 3})
    loaded = checkpoint.load(path)
    assert difference(loaded, STATE, "state") == ""
    assert checkpoint.digests(loaded) == checkpoint.digests(STATE)
    assert checkpoint.read_manifest(path)["steps"] == 3


def test_tensors_come_back_with_the_same_bits(tmp_path):
    weights = torch.randn(3, 4, generator=torch.Generator().manual_seed(1))
    checkpoint.save(tmp_path / "step", {"weights": weights, "number": np.float32(0.1)}, {})
    loaded = checkpoint.load(tmp_path / "step")
    assert torch.equal(loaded["weights"], weights)
    assert loaded["number"] == float(np.float32(0.1))


@pytest.mark.parametrize("value", [object(), np.array([object()]), 1j, lambda: 0, bytearray(1)])
def test_what_cannot_be_saved_is_named(tmp_path, value):
    with pytest.raises(CheckpointError, match=r"learner/odd is of the type .*, which cannot be saved here"):
        checkpoint.save(tmp_path / "step", {"learner": {"odd": value}}, {})
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "step-1"
    checkpoint.save(path, {"a": np.arange(5), "b": [1.5, "x"]}, {"steps": 1, "algorithm": "q"})
    return path


@pytest.mark.parametrize("name", ["manifest.json", "state.json", "tensors.safetensors"])
def test_every_flipped_bit_and_every_truncation_is_found(saved, name):
    file = saved / name
    whole = file.read_bytes()
    for position in range(len(whole)):
        for damaged in (
            whole[:position] + bytes([whole[position] ^ (1 << position % 8)]) + whole[position + 1 :],
            whole[:position] + b" " + whole[position + 1 :],
            whole[:position],
        ):
            if damaged == whole:
                continue
            file.write_bytes(damaged)
            with pytest.raises(CheckpointError, match=r"damaged|format"):
                checkpoint.load(saved)
    file.write_bytes(whole + b"\n")
    with pytest.raises(CheckpointError, match="damaged"):
        checkpoint.load(saved)
    file.unlink()
    with pytest.raises(CheckpointError, match="cannot be read"):
        checkpoint.load(saved)


def test_a_damaged_file_is_named_with_what_was_expected(saved):
    file = saved / "tensors.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(
        CheckpointError, match=r"tensors\.safetensors is damaged: expected \d+ bytes with SHA-256"
    ):
        checkpoint.load(saved)


def test_another_format_is_refused_with_both_numbers(saved, monkeypatch):
    own = checkpoint.FORMAT
    monkeypatch.setattr(checkpoint, "FORMAT", 7)
    with pytest.raises(
        CheckpointError, match=f"it has format {own}, and this version of csai reads format 7"
    ):
        checkpoint.load(saved)


def forge(path, files):
    """A checkpoint whose digests are right, but whose contents no csai wrote."""
    path.mkdir()
    described = {n: {"bytes": len(d), "sha256": checkpoint._digest(d)} for n, d in files.items()}
    for name, data in files.items():
        (path / name).write_bytes(data)
    (path / "manifest.json").write_bytes(
        checkpoint._sealed({"format": checkpoint.FORMAT, "files": described})
    )


class Bomb:
    def __reduce__(self):
        return os.system, ("touch exploded",)


BOMB = pickle.dumps(Bomb())
NO_TENSORS = safetensors.numpy.save({})
FORGERIES = {
    "pickle as tensors": (b"{}", BOMB),
    "pickle as state": (BOMB, NO_TENSORS),
    "huge header": (b"{}", b"\xff" * 8 + b"{}"),
    "no such array": (b'{"dict": [["a", {"array": "nowhere"}]]}', NO_TENSORS),
    "no such kind": (b'{"dict": [["a", {"os.system": ["touch exploded"]}]]}', NO_TENSORS),
    "odd pairs": (b'{"dict": [1, 2, 3]}', NO_TENSORS),
    "unhashable key": (b'{"dict": [[{"list": []}, 1]]}', NO_TENSORS),
    "deep": (b"[" * 100_000, NO_TENSORS),
    "no JSON": (b"\x00", NO_TENSORS),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_checkpoints_are_refused_and_run_nothing(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    started = []
    watching = [True]

    def watch(event, arguments):
        if watching[0] and event in ("os.system", "subprocess.Popen", "os.exec", "pickle.find_class", "exec"):
            started.append(event)

    sys.addaudithook(watch)
    state, tensors = FORGERIES[name]
    forge(tmp_path / "step", {"state.json": state, "tensors.safetensors": tensors})
    try:
        with pytest.raises(CheckpointError):
            checkpoint.load(tmp_path / "step")
    finally:
        watching[0] = False
    assert started == []
    assert not (tmp_path / "exploded").exists()


def test_a_save_that_fails_leaves_the_old_one_and_nothing_else(saved, monkeypatch):
    def full(descriptor):
        raise OSError(28, "No space left on device")

    before = checkpoint.load(saved)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CheckpointError, match=r"No space left.*Earlier checkpoints are untouched"):
        checkpoint.save(saved, {"a": 2}, {})
    assert difference(checkpoint.load(saved), before, "state") == ""
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_saving_again_replaces_what_was_there(saved):
    checkpoint.save(saved, {"a": 2}, {"steps": 1})
    assert checkpoint.load(saved) == {"a": 2}
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_the_manifest_is_readable_json(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    assert manifest["algorithm"] == "q"
    assert set(manifest["files"]) == {"state.json", "tensors.safetensors"}


@pytest.mark.parametrize("name", ["manifest.json", "state.json", "tensors.safetensors"])
def test_a_link_to_a_file_is_not_followed(saved, tmp_path, name):
    elsewhere = tmp_path / "elsewhere"
    (saved / name).rename(elsewhere)
    (saved / name).symlink_to(elsewhere)
    with pytest.raises(CheckpointError, match="symbolic link, which is not followed"):
        checkpoint.load(saved)


def test_a_manifest_without_a_seal_is_told_so(saved):
    manifest = json.loads((saved / "manifest.json").read_text())
    del manifest["sha256"]
    (saved / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(CheckpointError, match="do not have the SHA-256 None"):
        checkpoint.load(saved)
