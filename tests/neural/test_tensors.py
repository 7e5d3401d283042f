"""Dicts of anything with numbers in it, as dicts of tensors."""

import numpy as np
import pytest
import torch

from csai_core import BoxType, ObsAttribute
from csai_core.errors import ConfigError
from csai_neural import dict_to_tensor
from csai_neural.errors import DeviceError


def test_every_value_becomes_a_tensor_and_none_is_dropped():
    attribute = ObsAttribute("place", BoxType(0, 9, (2,)), lambda: [3, 4])
    array = np.arange(3)
    tensors = dict_to_tensor(
        {"array": array, "attribute": attribute, "number": 5, "list": [[1], [2]], "tensor": torch.ones(2)},
        "cpu",
    )
    assert {name: each.tolist() for name, each in tensors.items()} == {
        "array": [0, 1, 2], "attribute": [3, 4], "number": 5, "list": [[1], [2]], "tensor": [1, 1],
    }  # fmt: skip
    assert {each.dtype for each in tensors.values()} == {torch.float32}
    array[0] = 7
    assert tensors["array"][0] == 0


@pytest.mark.parametrize("value", ["north", None, [[1], [1, 2]]])
def test_what_holds_no_numbers_is_named(value):
    with pytest.raises(ConfigError, match=r"was given wind=.*no array of numbers"):
        dict_to_tensor({"wind": value})


def test_a_device_that_is_not_there():
    with pytest.raises(DeviceError):
        dict_to_tensor({}, "nowhere")
