"""Which classes a network confuses, and what it gets most wrong."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from csai_train.datasets import (
    analyze_errors,
    train_on_dataset,
)
from csai_train.datasets.analysis.error_analysis import ErrorAnalysis, as_image


def test_confusion_and_the_most_wrong_by_hand():
    found = ErrorAnalysis(
        labels=np.array([0, 0, 1, 2, 2]),
        predictions=np.array([0, 1, 1, 0, 0]),
        confidence=np.array([0.9, 0.8, 0.7, 0.6, 0.99], np.float32),
        loss=np.array([0.1, 1.6, 0.3, 0.9, 4.0], np.float32),
        num_classes=3,
    )
    assert found.confusion.tolist() == [[1, 1, 0], [0, 1, 0], [2, 0, 0]]
    assert found.accuracy == 0.4
    assert found.worst().tolist() == [4, 1, 3]
    assert found.worst(1).tolist() == [4]


def test_the_analysis_is_what_the_network_says(net, dataset, tmp_path, is_figure):
    train_on_dataset(net, dataset, epochs=3, seed=1, config={"learning_rate": 0.01})
    found = analyze_errors(net, dataset)
    with torch.no_grad():
        shares = net(dataset.testset.images.float() / 127.5 - 1).softmax(1)
    assert found.predictions.tolist() == shares.argmax(1).tolist()
    np.testing.assert_allclose(found.confidence, shares.max(1).values, rtol=1e-5)
    assert found.confusion.sum() == 100
    found.plot(tmp_path / "mistakes.png")
    assert is_figure(tmp_path / "mistakes.png")


@pytest.mark.parametrize("shape", [(5, 6), (1, 5, 6), (3, 5, 6), (5, 6, 3)])
def test_inputs_become_images_where_they_can(shape):
    image = as_image(torch.linspace(-1, 1, int(np.prod(shape))).reshape(shape))
    assert image.shape == (5, 6, 3)
    assert (image.min(), image.max()) == (0, 255)
    assert as_image(np.zeros(7)) is None
