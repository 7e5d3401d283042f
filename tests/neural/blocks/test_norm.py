"""NormBlock: layer norm by hand, and the averages of batch norm."""

import pytest
import torch
from gymnasium import spaces

from csai_neural import NormBlock
from csai_neural.errors import ForwardError

VECTOR = spaces.Box(-1, 1, (5,))


def test_layer_norm_by_hand():
    y = NormBlock(input_shape=(2,))(torch.tensor([[1.0, 3.0]]))
    assert y.flatten().tolist() == pytest.approx([-1, 1], abs=1e-4)


def test_batch_norm_keeps_averages_and_refuses_a_batch_of_one(make_net):
    net = make_net(VECTOR, NormBlock("batch"))
    net(torch.randn(4, 5) + 10)
    assert (net.blocks["norm"].norm.running_mean > 0.5).all()
    with pytest.raises(ForwardError, match="batch of 1"):
        net(torch.zeros(1, 5))
    assert net.eval()(torch.zeros(1, 5)).shape == (1, 5)
