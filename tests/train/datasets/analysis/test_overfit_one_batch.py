"""Whether a network can learn at all."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from csai_train.datasets import (
    overfit_one_batch,
)
from csai_train.errors import TrainingWarning


def test_a_good_network_learns_one_batch_by_heart_and_is_left_as_it_is(net, dataset):
    before = [parameter.clone() for parameter in net.parameters()]
    result = overfit_one_batch(net, dataset, config={"learning_rate": 0.01})
    assert result.is_learned
    assert result.accuracies[-1] == 1
    assert str(result).startswith("one batch of 64, learned by heart: loss 0.0")
    assert all(torch.equal(*pair) for pair in zip(before, net.parameters(), strict=True))


def test_a_broken_network_is_found_and_it_is_said_what_to_look_for(dataset):
    dead = nn.Sequential(
        nn.Flatten(), nn.Linear(144, 8), nn.Threshold(1e9, 0.0), nn.Linear(8, 10, bias=False)
    )
    with pytest.warns(
        TrainingWarning, match=r"could not learn 64 examples.*guessing gives 2\.303.*nothing reaches"
    ):
        assert not overfit_one_batch(dead, dataset).is_learned


def test_a_network_that_learns_too_slowly_is_told_so(net, dataset):
    with pytest.warns(TrainingWarning, match="It learns, but slowly: try another learning rate"):
        assert not overfit_one_batch(net, dataset, config={"learning_rate": 1e-4}).is_learned
