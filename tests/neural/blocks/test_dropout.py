"""DropoutBlock: at work while training, and nothing in use."""

import pytest
import torch

from csai_core.errors import ConfigError
from csai_neural import DropoutBlock


def test_it_zeroes_in_training_and_does_nothing_in_use():
    block = DropoutBlock(0.25, input_shape=(1000,))
    x = torch.ones(4, 1000)
    y = block.train()(x)
    assert y.unique().tolist() == pytest.approx([0.0, 4 / 3])
    assert (y == 0).float().mean() == pytest.approx(0.25, abs=0.05)
    assert torch.equal(block.eval()(x), x)


@pytest.mark.parametrize("probability", [-0.1, 1.0])
def test_a_chance_that_cannot_work(probability):
    with pytest.raises(ConfigError, match="probability="):
        DropoutBlock(probability)
