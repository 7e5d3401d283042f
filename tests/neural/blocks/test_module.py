"""ModuleBlock: a plain torch module as a block."""

import pytest
import torch
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import ModuleBlock
from csai_neural.errors import ShapeError


def test_the_output_shape_is_found_by_trying_and_nothing_changes():
    module = nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.Dropout(0.5), nn.Flatten())
    state, before = torch.random.get_rng_state(), module[1].running_mean.clone()
    block = ModuleBlock(module)
    block.fit((2, 5, 6))
    assert block.output_shape == (3 * 3 * 4,)
    assert module.training
    assert torch.equal(module[1].running_mean, before)
    assert torch.equal(torch.random.get_rng_state(), state)
    assert block.module is module


def test_a_module_that_does_not_fit_is_named():
    with pytest.raises(ShapeError, match=r"Linear failed on a batch of shape \(2, 4\)"):
        ModuleBlock(nn.Linear(3, 2)).fit((4,))


class Mean(nn.Module):
    def forward(self, x):
        return x.mean()


def test_a_module_that_gives_no_batch():
    with pytest.raises(ShapeError, match=r"it gives \(\); let it give a tensor"):
        ModuleBlock(Mean()).fit((4,))
    with pytest.raises(ShapeError, match="it gives tuple"):
        ModuleBlock(nn.LSTM(4, 3)).fit((1, 4))


def test_files_refuse_it_with_a_way_out():
    with pytest.raises(ConfigError, match=r"Linear cannot be written.*subclass of csai_neural\.Block"):
        ModuleBlock(nn.Linear(3, 2)).settings()
