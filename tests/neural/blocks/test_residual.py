"""ResidualBlock by hand."""

import torch
from torch import nn

from csai_neural import ResidualBlock


def test_residual_adds_to_what_came_in():
    for shape in ((6,), (3, 5, 4)):
        block = ResidualBlock(input_shape=shape)
        x = torch.randn(2, *shape)
        assert torch.allclose(block(x) - x, block.layers(x), atol=1e-6)
        nn.init.zeros_(block.layers[3].weight)
        nn.init.zeros_(block.layers[3].bias)
        assert torch.equal(block(x), x)
