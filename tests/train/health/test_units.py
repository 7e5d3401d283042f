"""Units that do nothing, and units at their ends, by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from csai_core.algorithm import Learned
from csai_train.health.units import Units


class Learner:
    """Learns one layer, of these weights, without scaling anything."""

    def __init__(self, activation, weight, scaler=None):
        layer = nn.Linear(1, len(weight), bias=False)
        layer.weight.data = torch.tensor(weight)[:, None]
        self.network = nn.Sequential(ToTensor(), layer, activation).eval()
        self.scaler = scaler

    def learned(self):
        return Learned(self.network)


class ToTensor(nn.Module):
    def forward(self, x):
        return torch.as_tensor(x)


BATCH = np.array([[1.0], [2.0]], np.float32)


def test_relus_that_give_next_to_nothing_are_idle():
    assert Units(Learner(nn.ReLU(), [1.0, 0.01, -1.0, 2.0])).look(BATCH) == {"idle_units": 0.5}
    assert Units(Learner(nn.ReLU(), [-1.0, -2.0])).look(BATCH) == {"idle_units": 1.0}


def test_tanhs_close_to_one_are_saturated():
    assert Units(Learner(nn.Tanh(), [0.1, -1.5, 9.0, 0.0])).look(BATCH) == {"saturated_units": 3 / 8}


def test_observations_are_scaled_as_the_algorithm_does():
    class Halves:
        def scale(self, observation):
            return observation / 2

    assert Units(Learner(nn.Tanh(), [1.5], Halves())).look(BATCH) == {"saturated_units": 0.0}


def test_a_network_that_is_being_trained_is_let_be():
    learner = Learner(nn.ReLU(), [1.0])
    learner.network.train()
    assert Units(learner).look(BATCH) == {}


@pytest.mark.parametrize("network", [None, object(), nn.Linear(2, 2)])
def test_nothing_is_told_where_there_are_no_such_layers(network):
    learner = Learner(nn.ReLU(), [1.0])
    learner.network = network
    assert Units(learner).look(BATCH) == {}


def test_a_network_that_fails_is_let_be_and_keeps_no_hooks():
    learner = Learner(nn.ReLU(), [1.0])
    assert Units(learner).look(np.zeros((2, 3), np.float32)) == {}
    assert not any(each._forward_hooks for each in learner.network.modules())
