"""On which device a network is computed."""

from __future__ import annotations

import torch
from torch import nn

from csai_neural.devices import find_device
from csai_neural.errors import DeviceError

SMALL = 200_000
"""Up to so many parameters, bringing batches to an accelerator costs more than it saves."""


def choose_device(wanted: str, network: nn.Module, *, must_be_cpu: bool = False) -> tuple[torch.device, str]:
    """The device, and why.

    Args:
        wanted: "auto", or a device of torch: "cpu", "cuda", "cuda:1", "mps".
        network: what is computed.
        must_be_cpu: whether "auto" has no choice.

    Raises:
        DeviceError: if there is no such device here.
    """
    if wanted in (None, "meta"):  # no device at all, and one on which nothing is computed
        raise DeviceError(f"There is no device {wanted!r} to train on; take 'auto', 'cpu', 'cuda' or 'mps'.")
    if wanted != "auto":
        return find_device(wanted) or torch.device("cpu"), f"{wanted} was asked for"
    count = sum(parameter.numel() for parameter in network.parameters())
    accelerator = _accelerator()
    if accelerator is None:
        return torch.device("cpu"), "there is no other device here"
    if must_be_cpu or count <= SMALL:
        return torch.device("cpu"), f"a network of {count:,} parameters is fastest there"
    return torch.device(accelerator), f"a network of {count:,} parameters is faster there"


def _accelerator() -> str | None:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else None
