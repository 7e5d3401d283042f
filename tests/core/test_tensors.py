"""Tensors come back from files as the same tensors, on the CPU and without gradient."""

from __future__ import annotations

import numpy as np
import pytest

from csai_core.errors import CodecError
from csai_core.tensors import from_array, is_tensor
from csai_core.tree_codec import decode, encode, from_file, to_file

torch = pytest.importorskip("torch")

SHARED = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]
AS_BYTES = ["bfloat16", "float8_e4m3fn", "complex64", "complex128"]


@pytest.mark.parametrize("name", SHARED + AS_BYTES)
@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3)])
def test_every_type_and_shape_comes_back(name, shape):
    tensor = torch.arange(int(np.prod(shape))).reshape(shape).to(getattr(torch, name))
    (back,) = from_file(*to_file([tensor]))
    assert (back.dtype, back.shape, back.device.type) == (tensor.dtype, tensor.shape, "cpu")
    assert torch.equal(back.to(torch.complex128), tensor.to(torch.complex128))


def test_parameters_and_views_come_back_as_plain_tensors():
    parameter = torch.nn.Parameter(torch.arange(6.0).reshape(2, 3))
    back = decode(*encode({"whole": parameter, "turned": parameter.T, "half": parameter[:, :2]}))
    assert not any(each.requires_grad for each in back.values())
    assert {type(each) for each in back.values()} == {torch.Tensor}
    assert torch.equal(back["turned"], parameter.detach().T)
    assert torch.equal(back["half"], parameter.detach()[:, :2])


def test_the_states_of_networks_optimizers_and_generators_can_be_loaded():
    net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.ones(4, 2)).sum().backward()
    optimizer.step()
    generator = torch.Generator().manual_seed(5)
    state = from_file(*to_file([net.state_dict(), optimizer.state_dict(), generator.get_state()]))
    other = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.BatchNorm1d(3))
    other.load_state_dict(state[0])
    others = torch.optim.Adam(other.parameters())
    others.load_state_dict(state[1])
    assert list(others.state_dict()["state"]) == [0, 1, 2, 3]
    assert torch.equal(
        torch.rand(3, generator=generator.set_state(state[2])),
        torch.rand(3, generator=torch.Generator().manual_seed(5)),
    )


def test_a_decoded_tensor_can_be_written_to():
    array = np.arange(3.0)
    array.flags.writeable = False
    from_array(array, "float64")[0] = 7.0
    assert array[0] == 0.0


def test_tensors_that_no_file_holds_are_refused_by_their_place():
    with pytest.raises(CodecError, match=r"net/weight cannot be saved here: .*sparse_coo; give a dense one"):
        encode({"net": {"weight": torch.zeros(2, 2).to_sparse()}})


def test_a_type_that_no_tensor_has_is_refused():
    with pytest.raises(CodecError, match="a tensor of 'object'"):
        decode({"tensor": ["a", "object", [1]]}, {"a": np.zeros(1, np.uint8)})


def test_arrays_are_no_tensors():
    assert not is_tensor(np.zeros(3))
