"""Networks that cannot be trained on a dataset are refused before anything is trained."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from csai_neural import InputBlock, Net, OutputBlock
from csai_neural.errors import NotCompiledError
from csai_train.errors import CompatibilityError, TrainingWarning


@pytest.mark.parametrize(
    ("shape", "num_classes", "message"),
    [
        ((1, 12, 12), 7, r"last block, OutputBlock.* gives 7 outputs, .* has 10 classes.*num_classes=10"),
        ((1, 28, 28), 10, r"does not take the examples .*, which have shape \(1, 12, 12\)"),
        ((144,), 10, r"which have shape \(1, 12, 12\)"),
    ],
)
def test_a_net_that_does_not_fit_is_refused_before_anything_is_trained(
    samples, dataset, tmp_path, shape, num_classes, message, train, weights
):
    net = samples.make_net(shape, num_classes)
    before = weights(net)
    with pytest.raises(CompatibilityError, match=message):
        train(net, dataset, run_dir=tmp_path / "run")
    assert torch.equal(before, weights(net))
    assert not (tmp_path / "run").exists()


def test_modules_of_torch_are_tried_too(dataset, train):
    with pytest.raises(CompatibilityError, match=r"The network gives 3 outputs, and .* 10 classes"):
        train(nn.Sequential(nn.Flatten(), nn.Linear(144, 3)), dataset)
    with pytest.raises(CompatibilityError, match="does not take the examples"):
        train(nn.Linear(5, 10), dataset)
    with pytest.raises(CompatibilityError, match="outputs of shape"):
        train(nn.Conv2d(1, 10, 3), dataset)
    with pytest.raises(CompatibilityError, match="no parameters"):
        train(nn.Flatten(), dataset)


def test_a_net_that_is_not_compiled_or_frozen_is_refused(samples, dataset, train):
    net = Net()
    net.add_block(InputBlock(samples.make_net().input_blocks[0].space))
    net.add_block(OutputBlock(num_classes=10))
    with pytest.raises(NotCompiledError, match=r"call net\.compile"):
        train(net, dataset)
    frozen = samples.make_net()
    frozen.freeze()
    with pytest.raises(CompatibilityError, match="all are frozen"):
        train(frozen, dataset)


def test_a_softmax_at_the_end_is_warned_of(dataset, train):
    with pytest.warns(TrainingWarning, match="ends in a softmax"):
        train(nn.Sequential(nn.Flatten(), nn.Linear(144, 10), nn.Softmax(1)), dataset, epochs=1)
