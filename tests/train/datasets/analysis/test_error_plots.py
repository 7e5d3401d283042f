"""Errors are drawn, with images where there are any."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from csai_train.datasets import (
    Dataset,
    DatasetOrigin,
    analyze_errors,
)


class Points(Dataset):
    def __init__(self):
        super().__init__(DatasetOrigin.CUSTOM)

    def _load_data(self):
        points = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
        self.trainset = self.testset = (points, (points[:, 0] > 0).astype(int))
        self.num_classes = 2


def test_what_is_no_image_is_analyzed_without_images(tmp_path, is_figure):
    net = nn.Linear(2, 2)
    analyze_errors(net, Points()).plot(tmp_path / "mistakes.png")
    assert is_figure(tmp_path / "mistakes.png")


def test_a_network_without_mistakes_is_drawn_too(tmp_path, is_figure):
    net = nn.Linear(2, 2)
    with torch.no_grad():
        net.weight.copy_(torch.tensor([[-5.0, 0.0], [5.0, 0.0]]))
        net.bias.zero_()
    found = analyze_errors(net, Points())
    assert found.accuracy == 1
    found.plot(tmp_path / "mistakes.png")
    assert is_figure(tmp_path / "mistakes.png")
