"""An array gets the memory that its bytes fill, and no more."""

from __future__ import annotations

import io
import zipfile

import numpy as np
import pytest
from numpy.lib import format as npy

from csai_core.npz import read_arrays

ARRAYS = {
    "numbers": np.arange(6.0).reshape(2, 3),
    "columns": np.asfortranarray(np.arange(6).reshape(2, 3)),
    "scalar": np.array(3, np.int8),
    "text": np.array("käse"),
    "empty": np.zeros((0, 4), np.float32),
    "truths": np.array([True, False]),
}


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_what_numpy_saved_is_read(tmp_path, save):
    save(tmp_path / "x.npz", **ARRAYS)
    found = read_arrays(tmp_path / "x.npz", at_most=10_000)
    assert found.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert (found[name].dtype, found[name].shape) == (array.dtype, array.shape)
        assert found[name].tolist() == array.tolist()
        assert found[name].flags.writeable


def test_an_archive_that_unpacks_to_more_is_refused_before_it_does(tmp_path):
    np.savez_compressed(tmp_path / "x.npz", x=np.zeros(10**6))
    assert (tmp_path / "x.npz").stat().st_size < 20_000
    with pytest.raises(ValueError, match="it unpacks to 8,000,1"):
        read_arrays(tmp_path / "x.npz", at_most=20_000)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((10**15,), "<f8"),
        ((2,), "<f8"),
        ((-1,), "<f8"),
        ((10**12,), "<U0"),
        ((1,), "|O"),
        ((1,), "<c16"),
        ((3,), "|V0"),
    ],
)
def test_a_header_that_lies_is_refused(tmp_path, shape, dtype):
    file = io.BytesIO()
    npy.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
    with zipfile.ZipFile(tmp_path / "x.npz", "w") as archive:
        archive.writestr("x.npy", file.getvalue() + b"12345678")
    with pytest.raises((ValueError, TypeError)):
        read_arrays(tmp_path / "x.npz", at_most=10_000)
