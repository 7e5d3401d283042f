"""Networks for a dataset, from whatever names one."""

from __future__ import annotations

from typing import Any

import torch

from csai_core import BoxType
from csai_core.arguments import drawn_seed
from csai_neural import Net, OutputBlock, load_network
from csai_neural.blocks.module import ModuleBlock
from csai_neural.generators import seeded
from csai_neural.loading import Source
from csai_train.datasets.learning.epoch_order import derive_seed
from csai_train.datasets.learning.make_loaders import make_loaders


def load_classifier(source: Source, dataset: Any, *, seed: int | None = None) -> Net:
    """A network that takes the examples of a dataset and gives one number for each of its classes.

    Args:
        source: whatever `csai_neural.load_network` takes, such as the name of a registered network, "conv",
            or a function that makes one for the space of the examples. Where it ends in no OutputBlock, and
            is no torch module with as many outputs as there are classes, an OutputBlock is added.
        dataset: has `trainset`, `testset` and `num_classes`.
        seed: decides the weights of what is made; None draws one.

    Raises:
        UnknownNameError, NetFileError, ConfigError: if `source` is no network.
        ShapeError: if the network takes other examples.
    """
    seed = drawn_seed("load_classifier", seed)
    _, test = make_loaders(dataset, torch.device("cpu"), warn=lambda message: None)
    inputs, _ = next(test.test_batches())
    net = load_network(source, BoxType(-1, 1, shape=tuple(inputs.shape[1:])), seed=seed)
    if _gives_classes(net, dataset.num_classes):
        return net
    with seeded(derive_seed(seed, 1)):
        return net.followed_by(OutputBlock(num_classes=dataset.num_classes))


def _gives_classes(net: Net, num_classes: int) -> bool:
    """Whether a network is whole already, and needs no output."""
    last = net.nodes[-1].block
    is_whole_module = isinstance(last, ModuleBlock) and net.output_shape == (num_classes,)
    return last.is_last or is_whole_module
