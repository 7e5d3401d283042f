"""Images as a dataset holds them, and as the default transform gives them."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from csai_train.datasets import MNISTDataset
from csai_train.datasets.errors import InvalidDataError
from csai_train.datasets.sources.images import Rescale


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
