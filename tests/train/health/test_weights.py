"""How far weights move, by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from csai_core.algorithm import Learned
from csai_train.health.weights import Weights


class Learner:
    def __init__(self, network):
        self.network = network

    def learned(self):
        return Learned(self.network)


def test_the_distance_is_a_share_of_the_length():
    layer = nn.Linear(2, 1, bias=False)
    layer.weight.data = torch.tensor([[3.0, 0.0]])
    weights = Weights.of(Learner(layer))
    layer.weight.data = torch.tensor([[3.0, 4.0]])
    assert weights.moved() == {"weights_moved": pytest.approx(4 / 5)}
    assert weights.moved() == {"weights_moved": 0.0}


@pytest.mark.parametrize("network", [None, object()])
def test_nothing_is_told_where_there_is_no_network(network):
    assert Weights.of(Learner(network)).moved() == {}
