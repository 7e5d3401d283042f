"""Block: blocks of one's own."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core.errors import ContractError
from csai_neural import Block
from csai_neural.errors import ForwardError

VECTOR = spaces.Box(-1, 1, (5,))


class Doubling(Block):
    def __init__(self, device=None):
        super().__init__(device)

    def build(self, input_shape):
        return input_shape

    def forward(self, x):
        return 2 * x


def test_a_block_of_ones_own(make_net):
    net = make_net(VECTOR, Doubling())
    assert net(np.ones(5)).tolist() == [2] * 5
    assert net.blocks["doubling"].kind == "doubling"


def test_a_block_that_forgets_to_build(make_net):
    class Empty(Block):
        pass

    with pytest.raises(TypeError, match=r"build\(self, input_shape\)"):
        make_net(VECTOR, Empty())


def test_a_block_that_fails_is_named_with_its_shapes(make_net):
    class Broken(Doubling):
        def forward(self, x):
            return x @ torch.zeros(3, 3)

    net = make_net(VECTOR, Broken())
    with pytest.raises(ForwardError, match=r"Broken 'broken' failed on an input of shape \(2, 5\)"):
        net(torch.zeros(2, 5))


@pytest.mark.parametrize("shape", [5, None, [5], (5.0,)])
def test_a_build_that_returns_no_shape_is_named(make_net, shape):
    class Vague(Doubling):
        def build(self, input_shape):
            return shape

    with pytest.raises(ContractError, match=r"Vague 'vague'\.build returned .* a tuple of integers"):
        make_net(VECTOR, Vague())
