"""Pickles are read without running what they may hold."""

from __future__ import annotations

import pickle

import pytest

from csai_train.datasets import CIFAR10Dataset
from csai_train.datasets.errors import DamagedFileError


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
