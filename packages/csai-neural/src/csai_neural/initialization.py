"""Starting weights."""

from __future__ import annotations

import math

import torch
from torch import nn

RELU_GAIN = math.sqrt(2.0)
"""Makes up for the half of the numbers that a ReLU cuts off (He et al. 2015, arXiv:1502.01852)."""


def orthogonal(module: nn.Module, gain: float = RELU_GAIN, generator: torch.Generator | None = None) -> None:
    """Give every linear and convolutional layer in `module` orthogonal weights and zero biases.

    Such layers neither shrink nor blow up what passes through them.

    Args:
        module: a net, a block or a layer.
        gain: the factor on the weights. Output layers of policies start best with a small one, such as
            0.01, so that all actions are about equally likely (Andrychowicz et al. 2021,
            arXiv:2006.05990, section 3.2).
        generator: where randomness comes from; None is torch's global one.

    Reference: Saxe et al. 2014, arXiv:1312.6120.
    """
    for layer in module.modules():
        if isinstance(layer, (nn.Linear, nn.Conv1d, nn.Conv2d)):
            nn.init.orthogonal_(layer.weight, gain, generator=generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
