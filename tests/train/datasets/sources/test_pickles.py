"""Pickles are read without running what they may hold."""

from __future__ import annotations

import pickle
import resource

import numpy as np
import pytest

from csai_train.datasets import CIFAR10Dataset
from csai_train.datasets.sources import pickles
from csai_train.datasets.sources.files import DataFile, FoundFile
from csai_train.errors import DamagedFileError


class Exploding:
    def __reduce__(self):
        return (print, ("exploded",))


def test_a_pickle_that_would_run_something_is_refused(tmp_path, samples, capsys):
    samples.write_cifar10(tmp_path)
    path = tmp_path / "cifar-10-batches-py/data_batch_3"
    path.write_bytes(pickle.dumps({"data": Exploding(), "labels": []}))
    with pytest.raises(DamagedFileError, match=r"data_batch_3 was not loaded: it asks for builtins\.print"):
        CIFAR10Dataset(root=tmp_path)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("length", [0, 10, 30_000])
def test_a_batch_that_is_cut_short_is_named(tmp_path, samples, length):
    samples.write_cifar10(tmp_path)
    path = tmp_path / "cifar-10-batches-py/data_batch_3"
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(DamagedFileError, match="data_batch_3 is cut short or altered"):
        CIFAR10Dataset(root=tmp_path)


def array(rest):
    """A pickle of {"data": what `rest` puts on the stack, "labels": []}."""
    return b"\x80\x02}(X\x04\x00\x00\x00data" + rest + b"X\x06\x00\x00\x00labels]u."


def reduced(module, name, *arguments):
    """What calls a function with plain arguments."""
    return f"c{module}\n{name}\n".encode() + pickle.dumps(arguments, protocol=2)[2:-1] + b"R"


BOMBS = {
    "a place far away in the memo": b"\x80\x02}r\x00\x00\x00\x10.",
    "a place in the memo as text": b"}p268435456\n.",
    "a text of more bytes than there are": b"\x80\x04\x8d" + (2**40).to_bytes(8, "little") + b"x.",
    "a frame of more bytes than there are": b"\x80\x04\x95" + (2**40).to_bytes(8, "little") + b"}.",
    "an array of a shape": array(reduced("numpy", "ndarray", (10**12,))),
    "an array that is reconstructed large": array(
        reduced("numpy.core.multiarray", "_reconstruct", None, (10**12,), b"b")
    ),
    "a type of a billion bytes": array(reduced("numpy", "dtype", "V1000000000")),
    "a type of objects": array(reduced("numpy", "dtype", "O")),
    "a type with fields": array(
        reduced("numpy", "dtype", "u1")
        + pickle.dumps((3, "|", None, ("a",), {"a": (1, 10**9)}, 10**9, 1, 0), protocol=2)[2:-1]
        + b"b"
    ),
    "a codec that unpacks": array(reduced("_codecs", "encode", "x", "zip")),
    "lists in lists, each ten times": array(
        b"K\x00" + b"q\x00](h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00h\x00e" * 12
    ),
    "no dict": b"\x80\x02].",
    "nested without end": b"\x80\x02" + b"(" * 100_000 + b"t" * 100_000 + b".",
    "labels that are huge": pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": [10**400]}),
    "labels that are texts": pickle.dumps({"data": np.zeros((1, 3072), np.uint8), "labels": ["1"]}),
    "data of floats": pickle.dumps({"data": np.zeros((1, 3072)), "labels": [1]}),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", BOMBS)
def test_a_pickle_takes_no_more_memory_than_it_has_bytes(tmp_path, samples, name):
    samples.write_cifar10(tmp_path)
    path = tmp_path / "cifar-10-batches-py/data_batch_3"
    path.write_bytes(BOMBS[name])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DamagedFileError, match="data_batch_3"):
        CIFAR10Dataset(root=tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("code", ["u1", "<i4", ">i4", "f8"])
def test_arrays_come_back_as_numpy_would_give_them(tmp_path, protocol, order, code):
    expected = np.asarray(np.arange(6).reshape(2, 3), code, order=order)
    data = pickle.dumps({"array": expected, "number": np.float64(1.5), "plain": [1, "x"]}, protocol=protocol)
    found = pickles.parse(FoundFile(tmp_path / "x", DataFile("x", 0, ""), data))
    assert found["array"].tolist() == expected.tolist()
    assert found["array"].dtype == expected.dtype
    assert (found["number"], found["plain"]) == (1.5, [1, "x"])
