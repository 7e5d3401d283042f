"""Modes: which layers do other things in training than in use."""

from __future__ import annotations

from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.nn.modules.dropout import _DropoutNd

KNOWN_PACKAGES = ("torch", "csai_neural")


def has_modes(module: nn.Module) -> bool:
    """Whether a module, or one inside it, may do other things in training than in use.

    Such are dropout, and batch norm, which looks at the whole batch in training and at running averages in
    use. Of classes that are neither torch's nor csai's own nobody can tell, so they may.
    """
    return any(map(_has_modes, module.modules()))


def _has_modes(module: nn.Module) -> bool:
    if isinstance(module, _DropoutNd):
        return module.p > 0
    if isinstance(module, _NormBase):
        return module.track_running_stats
    if isinstance(module, (nn.RNNBase, nn.MultiheadAttention)):
        return module.dropout > 0
    package = type(module).__module__.partition(".")[0]
    return isinstance(module, nn.RReLU) or package not in KNOWN_PACKAGES
