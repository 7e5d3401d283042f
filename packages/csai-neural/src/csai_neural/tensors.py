"""Observations as tensors, for plain torch modules; networks of csai-neural take observations as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from csai_core import Attribute
from csai_core.errors import ConfigError
from csai_neural.devices import Device, find_device


def dict_to_tensor(dict_input: Mapping[str, Any], device: Device = None) -> dict[str, Tensor]:
    """Every value of a dict as a tensor of float32, of the same shape.

    Args:
        dict_input: arrays, tensors, numbers, lists of numbers, or attributes, which stand for their values.
        device: where the tensors shall be; None is the CPU.

    Raises:
        ConfigError: if a value holds anything but numbers, naming its key.
        DeviceError: if the device is not there.
    """
    found = find_device(device)
    return {key: _as_tensor(key, value, found) for key, value in dict_input.items()}


def _as_tensor(key: str, value: Any, device: torch.device | None) -> Tensor:
    data = value.data if isinstance(value, Attribute) else value
    tensor = data if isinstance(data, Tensor) else torch.from_numpy(_as_array(key, data))
    return tensor.to(device=device or "cpu", dtype=torch.float32)


def _as_array(key: str, data: Any) -> NDArray[np.float32]:
    try:
        given = np.asarray(data)
    except ValueError:  # lists of different lengths
        given = np.empty(0, object)
    if given.dtype.kind not in "biuf":
        raise ConfigError(f"dict_to_tensor was given {key}={data!r}, which is no array of numbers.")
    return given.astype(np.float32)
