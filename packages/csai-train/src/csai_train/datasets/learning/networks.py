"""Networks that suit a dataset, for those who do not want to build one of their own yet."""

from __future__ import annotations

from typing import Any

import torch

from csai_core import BoxType, ObsAttribute
from csai_core.errors import UnknownNameError
from csai_neural import ConvBlock, FlattenBlock, InputBlock, LinearBlock, Net, OutputBlock
from csai_train.datasets.learning.make_loaders import make_loaders

NETS = ("conv", "mlp", "linear")
_DEPTH = 4


def build_network(name: str, dataset: Any) -> Net:
    """A network for the examples of a dataset.

    Args:
        name: conv (four convolutions, as deep as small images allow), mlp (two hidden layers) or linear.
        dataset: what it shall be trained on.

    Raises:
        UnknownNameError: if there is no such network.
        ShapeError: if conv is asked for where the examples are no images.
    """
    if name not in NETS:
        raise UnknownNameError.of("network", name, NETS)
    _, test = make_loaders(dataset, torch.device("cpu"), warn=lambda message: None)
    inputs, _ = next(test.test_batches())
    shape = tuple(inputs.shape[1:])
    net = Net(f"{name}_net")
    net.add_block(InputBlock(ObsAttribute("input", BoxType(-1, 1, shape=shape))))
    if name == "conv":
        net.add_block(ConvBlock(depth=min(_DEPTH, 1 + min(shape[1:], default=1).bit_length())))
    else:
        net.add_block(FlattenBlock())
    if name == "mlp":
        net.add_block(LinearBlock(num_hidden_layers=2, hidden_size=128))
    net.add_block(OutputBlock(num_classes=dataset.num_classes))
    net.compile()
    return net
