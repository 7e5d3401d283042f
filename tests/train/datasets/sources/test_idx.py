"""The IDX format: what is no such file, or another than its header says, is named."""

from __future__ import annotations

import gzip
import resource
import struct

import pytest

from csai_train.datasets import MNISTDataset
from csai_train.errors import DamagedFileError


def damage(path, change):
    data = bytearray(path.read_bytes())
    path.write_bytes(bytes(change(data)))


@pytest.mark.parametrize(("change", "how"), [(-1, "cut short"), (1, "cut short or altered")])
def test_an_unpacked_file_of_another_length_is_named(tmp_path, samples, change, how):
    samples.write_mnist(tmp_path, packed=False)
    path = tmp_path / "MNIST/raw/train-images-idx3-ubyte"
    damage(path, lambda data: data[:change] if change < 0 else data + b"x")
    with pytest.raises(DamagedFileError, match=rf"{path} is {how}.*300 x 12 x 12 bytes"):
        MNISTDataset(root=tmp_path)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"hello world", "is no IDX file: it begins with 68 65 6c 6c"),
        (b"", "is no IDX file: it begins with nothing"),
        (b"\0\0\x0d\x03" + b"\0" * 12, "holds numbers of type 0x0d in 3 axes; here it must be bytes"),
        (b"\0\0\x08\x01" + b"\0" * 4, "in 1 axes; here it must be bytes .0x08. in 3"),
        (b"\0\0\x08\x03\0\0", "cut short or altered"),
    ],
)
def test_what_is_no_idx_file_is_named(tmp_path, samples, data, message):
    samples.write_mnist(tmp_path, packed=False)
    (tmp_path / "MNIST/raw/train-images-idx3-ubyte").write_bytes(data)
    with pytest.raises(DamagedFileError, match=message):
        MNISTDataset(root=tmp_path)


HEADERS = {
    "zeros": bytes(16),
    "more images than fit": b"\0\0\x08\x03" + b"\xff" * 12,
    "a few images": b"\0\0\x08\x03" + struct.pack(">III", 300, 12, 12),
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", HEADERS)
def test_a_file_that_unpacks_to_more_than_it_says_is_not_unpacked(tmp_path, samples, name):
    samples.write_mnist(tmp_path)
    path = tmp_path / "MNIST/raw/train-images-idx3-ubyte.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(HEADERS[name])
        for _ in range(300):
            file.write(bytes(2**20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(DamagedFileError, match="train-images-idx3-ubyte"):
        MNISTDataset(root=tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kilobytes
