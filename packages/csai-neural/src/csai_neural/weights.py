"""What can be done to a network's weights as a whole."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

import torch
from torch import nn

from csai_core.errors import ConfigError, UnknownNameError
from csai_neural.errors import StructureError


@torch.no_grad()
def soft_update(target: nn.Module, source: nn.Module, tau: float) -> None:
    """Move `target` toward `source`: target <- (1 - tau) * target + tau * source.

    What is no weight, such as the running averages of a batch norm, is copied.

    Args:
        target: the network that follows.
        source: a network of the same structure.
        tau: how far. 1 copies; 0.005 follows slowly and steadily.

    Raises:
        ConfigError: if tau is not between 0 and 1.
        StructureError: if the networks' weights have different names or shapes.

    Reference: Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1.
    """
    if not 0.0 <= tau <= 1.0:
        raise ConfigError(f"soft_update was given tau={tau}; it must be from 0 to 1.")
    ours, theirs = dict(target.named_parameters()), dict(source.named_parameters())
    if [(n, p.shape) for n, p in ours.items()] != [(n, p.shape) for n, p in theirs.items()]:
        raise StructureError(
            "soft_update needs two networks of the same structure, such as a network and its copy(). "
            f"Only one has: {sorted(set(ours) ^ set(theirs)) or 'other shapes'}."
        )
    for name, parameter in ours.items():
        parameter.lerp_(theirs[name].to(parameter.device), tau)
    for buffer, other in zip(target.buffers(), source.buffers(), strict=True):
        buffer.copy_(other)


def set_learning(blocks: Iterable[tuple[str, nn.Module]], patterns: Iterable[str], learns: bool) -> None:
    """Let the blocks whose names match any pattern learn, or stop them.

    Args:
        blocks: names and blocks.
        patterns: names in which * stands for anything, as in "conv*".
        learns: whether gradients are taken.

    Raises:
        UnknownNameError: if a pattern matches no block.
    """
    named = dict(blocks)
    for pattern in patterns:
        matching = [block for name, block in named.items() if fnmatchcase(name, pattern)]
        if not matching:
            raise UnknownNameError.of("block", pattern, named)
        for block in matching:
            block.requires_grad_(learns)
