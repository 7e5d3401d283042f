"""Images as a dataset holds them, and as the default transform gives them."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
import torch
from PIL import Image

from csai_train.datasets import MNISTDataset
from csai_train.datasets.sources.images import Rescale, open_image
from csai_train.errors import DamagedFileError, InvalidDataError


def test_an_example_is_an_image_from_minus_one_to_one_and_a_label(mnist, samples):
    image, label = MNISTDataset(root=mnist).trainset[5]
    images, labels = samples.bars(300, 0)
    np.testing.assert_allclose(image[0].numpy(), images[5] / 127.5 - 1, atol=1e-6)
    assert label == labels[5]


def test_no_image_at_all_is_refused(tmp_path, samples):
    with pytest.raises(InvalidDataError, match="There is no image in the training set of mnist"):
        MNISTDataset(root=samples.write_mnist(tmp_path, count=0))


def test_rescaling_by_hand():
    assert Rescale().batch(torch.tensor([0, 51, 255], dtype=torch.uint8)).tolist() == pytest.approx(
        [-1, -0.6, 1]
    )


def test_an_image_is_opened_in_color(tmp_path):
    Image.fromarray(np.full((2, 3), 7, np.uint8)).save(tmp_path / "gray.png")
    assert np.asarray(open_image(str(tmp_path / "gray.png"))).tolist() == [[[7, 7, 7]] * 3] * 2


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width, height):
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("content", [b"", b"hello", png(8, 8)[:50], png(60_000, 60_000), b"\xff\xd8\xff"])
def test_a_file_that_is_no_whole_image_is_named(tmp_path, content):
    (tmp_path / "odd.png").write_bytes(content)
    with pytest.raises(DamagedFileError, match=r"odd\.png cannot be read: .*Put a whole image in its place"):
        open_image(str(tmp_path / "odd.png"))
