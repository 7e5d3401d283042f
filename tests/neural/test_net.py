"""Net: putting blocks together, and what a network answers."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import BoxType, ObsAttribute, memory
from csai_core.errors import ConfigError, DuplicateNameError
from csai_neural import ConvBlock, FlattenBlock, InputBlock, LinearBlock, Net, OutputBlock
from csai_neural.errors import DeviceError, NotCompiledError, ShapeError, StructureError


def make_net(*blocks, space=None, **kwargs):
    net = Net(**kwargs)
    net.add_block(InputBlock(spaces.Box(-1, 1, (4,)) if space is None else space))
    for block in blocks:
        net.add_block(block)
    net.compile()
    return net


@pytest.fixture
def net():
    return make_net(LinearBlock(hidden_size=[8, 6]), OutputBlock(num_classes=3))


def test_the_seeds_example():
    game_state = ObsAttribute("game_state", BoxType(0, 1, (1, 16, 16)))
    input_block = InputBlock(game_state, False)
    conv_block = ConvBlock(input_block.in_attribute.space.shape, 1, 3)
    out_block = OutputBlock(conv_block.output_size, 5)
    net = Net()
    net.add_block(input_block)
    net.add_block(conv_block)
    net.add_block(out_block)
    net.compile()
    input_sample = game_state.sample()
    output_test = net(input_sample)
    copy_net = net.copy()
    output_copy_test = copy_net(input_sample)
    assert output_test.shape == (5,)
    assert torch.equal(output_test, output_copy_test)


def test_sizes_are_inferred_and_parameters_exist_after_compile(net):
    shapes = {name: tuple(p.shape) for name, p in net.named_parameters()}
    assert shapes == {
        "blocks.linear.layers.0.weight": (8, 4),
        "blocks.linear.layers.0.bias": (8,),
        "blocks.linear.layers.2.weight": (6, 8),
        "blocks.linear.layers.2.bias": (6,),
        "blocks.output.layers.0.weight": (3, 6),
        "blocks.output.layers.0.bias": (3,),
    }
    assert net.output_shape == (3,)
    assert net.output_size == 3


def test_it_computes_what_its_layers_compute(net):
    x = torch.randn(5, 4)
    linear, output = net.blocks["linear"].layers, net.blocks["output"].layers
    assert torch.equal(net(x), output(linear(x)))


@pytest.mark.parametrize("batch_shape", [(), (1,), (7,), (0,), (2, 3), (2, 3, 1)])
def test_single_and_batched_numpy_and_tensors_agree(net, batch_shape):
    x = np.random.default_rng(0).normal(size=(*batch_shape, 4))
    y = net(x)
    assert y.shape == (*batch_shape, 3)
    assert y.dtype == torch.float32
    assert torch.equal(y, net(torch.as_tensor(x, dtype=torch.float32)))


def test_arrays_may_be_reversed_strided_or_read_only(net):
    x = np.random.default_rng(0).normal(size=(6, 8)).astype(np.float32)
    locked = x[:, :4].copy()
    locked.flags.writeable = False
    assert torch.equal(net(x[::-1, ::-2]), net(np.ascontiguousarray(x[::-1, ::-2])))
    assert torch.equal(net(locked), net(x[:, :4]))


def test_a_copy_is_exact_and_independent(net):
    twin = net.copy()
    x = torch.randn(2, 4)
    assert torch.equal(twin(x), net(x))
    with torch.no_grad():
        for parameter in twin.parameters():
            parameter.zero_()
    assert not torch.equal(twin(x), net(x))
    assert {id(p) for p in twin.parameters()}.isdisjoint(id(p) for p in net.parameters())


def test_a_net_can_grow_after_compiling_and_keeps_its_weights():
    net = make_net(LinearBlock(hidden_size=[5]))
    before = net.blocks["linear"].layers[0].weight.clone()
    net.add_block(OutputBlock(num_classes=2))
    with pytest.raises(NotCompiledError):
        net(torch.zeros(4))
    net.compile()
    assert torch.equal(net.blocks["linear"].layers[0].weight, before)
    assert net(torch.zeros(4)).shape == (2,)


def test_the_environment_behind_an_attribute_is_left_behind():
    class World:
        def read(self):
            return np.zeros(4, np.float32)

        def __deepcopy__(self, memo):
            raise AssertionError("a network must not drag its environment along")

    attribute = ObsAttribute("senses", BoxType(-1, 1, (4,)), World().read)
    block = InputBlock(attribute)
    assert block.in_attribute.name == "senses"
    assert block.in_attribute.space == attribute.space
    assert block.in_attribute.update_func is None
    Net().add_block(block.copy())


def test_dtype_and_device_move_with_to(net):
    double = net.copy().to(torch.float64)
    assert double(np.ones(4)).dtype == torch.float64
    assert net.to("cpu").device == torch.device("cpu")


# --- what is wrong, said clearly


def test_an_empty_net():
    with pytest.raises(StructureError, match="empty"):
        Net().compile()


def test_use_before_compiling():
    net = Net("walker")
    net.add_block(InputBlock(spaces.Box(0, 1, (4,))))
    with pytest.raises(NotCompiledError, match=r"walker.*net\.compile"):
        net(np.zeros(4))


def test_no_input():
    net = Net()
    net.add_block(LinearBlock(4, 2))
    with pytest.raises(StructureError, match="starts with LinearBlock 'linear'; add an InputBlock first"):
        net.compile()


def test_an_input_in_the_middle_needs_a_join():
    with pytest.raises(StructureError, match="Add a JoinBlock"):
        make_net(LinearBlock(), InputBlock(spaces.Box(0, 1, (3,))))


def test_something_after_the_output():
    with pytest.raises(StructureError, match="LinearBlock 'linear' cannot follow OutputBlock 'output'"):
        make_net(OutputBlock(num_classes=2), LinearBlock())


def test_no_block_at_all():
    with pytest.raises(StructureError, match="takes blocks"):
        Net().add_block(torch.nn.Linear(2, 2))


def test_the_same_block_twice():
    block = LinearBlock()
    with pytest.raises(DuplicateNameError, match=r"block\.copy\(\)"):
        make_net(block, block)


def test_sizes_that_do_not_fit_name_both_blocks_and_shapes():
    with pytest.raises(ShapeError) as caught:
        make_net(LinearBlock(4, 8), LinearBlock(9, 2))
    message = str(caught.value)
    for part in ("LinearBlock 'linear_2'", "LinearBlock 'linear'", "(9,)", "(8,)"):
        assert part in message


def test_an_image_in_a_linear_block_suggests_flattening():
    with pytest.raises(ShapeError, match=r"InputBlock 'input'.*\(1, 8, 8\).*FlattenBlock"):
        make_net(LinearBlock(), space=spaces.Box(0, 1, (1, 8, 8)))
    net = make_net(FlattenBlock(), LinearBlock(), space=spaces.Box(0, 1, (1, 8, 8)))
    assert net.blocks["linear"].input_size == 64


@pytest.mark.parametrize("x", [np.zeros(3), np.zeros((2, 5)), torch.zeros(()), np.zeros((4, 1))])
def test_data_that_does_not_fit(net, x):
    with pytest.raises(ShapeError, match=r"basic_net.*takes \(4,\)"):
        net(x)


@pytest.mark.parametrize("x", ["four", None, [1, "a", 2, 3], object()])
def test_data_that_is_no_number(net, x):
    with pytest.raises(ShapeError, match="basic_net"):
        net(x)


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has CUDA")
@pytest.mark.parametrize("make", [lambda: Net(device="cuda"), lambda: LinearBlock(device="cuda")])
def test_cuda_without_cuda(make):
    with pytest.raises(DeviceError, match=r"'cuda' is not available.*use 'cpu'"):
        make()


def test_an_unknown_device():
    with pytest.raises(DeviceError, match="gpu"):
        Net(device="gpu")


def test_the_layers_of_a_network_must_have_room_beside_each_other(monkeypatch):
    monkeypatch.setattr(memory, "_memory_of_machine", lambda: 40_000)
    net = Net("wide")
    for block in (InputBlock(spaces.Box(-1, 1, (50,))), *(LinearBlock(hidden_size=[50]) for _ in range(4))):
        net.add_block(block)
    with pytest.raises(ConfigError, match=r"A layer Linear.50, 50. needs 0.0 GiB"):
        net.compile()
