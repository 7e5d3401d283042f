"""Where tensors live: turns what people write into a torch device, and refuses one that isn't there."""

from __future__ import annotations

from typing import TypeAlias

import torch

from csai_neural.errors import DeviceError

Device: TypeAlias = torch.device | str | None


def find_device(device: Device) -> torch.device | None:
    """The device of that name, or None when none was asked for.

    Raises:
        DeviceError: if torch does not know the name, or the device is not in this machine.
    """
    if device is None:
        return None
    try:
        found = torch.device(device)
    except (RuntimeError, TypeError) as error:
        raise DeviceError(f"There is no device {device!r}; try {_available()}.") from error
    if not _is_present(found):
        raise DeviceError(
            f"The device {str(found)!r} is not available to torch {torch.__version__} here. "
            f"Leave device out, or use {_available()}."
        )
    return found


def _is_present(device: torch.device) -> bool:
    if device.type in ("cpu", "meta"):
        return True
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    try:
        torch.empty(0, device=device)
    except (RuntimeError, NotImplementedError, AssertionError):
        return False
    return True


def _available() -> str:
    if torch.cuda.is_available():
        return "'cpu' or 'cuda'"
    return "'cpu'"
