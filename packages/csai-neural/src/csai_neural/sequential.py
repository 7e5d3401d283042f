"""Rows of layers as plain torch modules, where no blocks are wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from torch import nn

from csai_core.errors import ConfigError


def generate_sequential(
    net_arch: Sequence[int], activation_fnc: Callable[[], nn.Module] = nn.ReLU
) -> nn.Sequential:
    """Linear layers from each size to the next, with an activation between two of them.

    Args:
        net_arch: the sizes, from that of the input to that of the output; `[8, 64, 4]` makes two layers.
        activation_fnc: makes an activation, such as `torch.nn.Tanh`.

    Raises:
        ConfigError: if they are not sizes of 1 or more, and at least two.
    """
    sizes = list(net_arch)
    if len(sizes) < 2 or not all(isinstance(size, int) and size > 0 for size in sizes):
        raise ConfigError(
            f"net_arch={net_arch!r} makes no layers; write the sizes of input, hidden layers and output, "
            "such as [8, 64, 4]."
        )
    layers: list[nn.Module] = []
    for size, next_size in pairwise(sizes):
        layers += [activation_fnc(), nn.Linear(size, next_size)]
    return nn.Sequential(*layers[1:])
