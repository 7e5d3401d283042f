"""Networks of several inputs: three ways to build them, and everything that can be wired wrongly."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import BoxType, DiscreteType, ObsAttribute
from csai_core.errors import ConfigError, UnknownNameError
from csai_neural import ConvBlock, DictInputBlock, InputBlock, JoinBlock, LinearBlock, Net, OutputBlock
from csai_neural.errors import ShapeError, StructureError

BOARD = ObsAttribute("board", BoxType(0, 1, (1, 6, 6)))
HEADING = ObsAttribute("heading", DiscreteType(4))
X = {"board": np.ones((3, 1, 6, 6), np.float32), "heading": np.array([0, 3, 1]), "score": np.zeros(3)}


def linear(size=4):
    return LinearBlock(output_size=size, hidden_size=[8])


def by_keys(join=None):
    """An InputBlock of a dict, with a branch joined to each of its parts."""
    net = Net()
    inputs = InputBlock({"board": BOARD, "heading": HEADING}, is_module_dict=True)
    inputs.join_block(ConvBlock(depth=1, desired_output_size=4), "board")
    inputs.join_block(linear(), "heading")
    net.add_block(inputs)
    if join is not None:
        net.add_block(join)
    net.add_block(OutputBlock(num_classes=2))
    net.compile()
    return net


def by_modules(join=None):
    """A DictInputBlock."""
    net = Net()
    modules = {"board": ConvBlock(depth=1, desired_output_size=4), "heading": linear()}
    net.add_block(DictInputBlock({"board": BOARD, "heading": HEADING}, modules))
    if join is not None:
        net.add_block(join)
    net.add_block(OutputBlock(num_classes=2))
    net.compile()
    return net


def by_attributes(join=None):
    """A dictionary network: an InputBlock for each attribute starts its branch."""
    net = Net(is_dict_network=True)
    net.add_block(InputBlock(BOARD))
    net.add_block(ConvBlock(depth=1, desired_output_size=4))
    net.add_block(InputBlock(HEADING))
    net.add_block(linear())
    net.add_block(join or JoinBlock())
    net.add_block(OutputBlock(num_classes=2))
    net.compile()
    return net


WAYS = [by_keys, by_modules, by_attributes]


@pytest.mark.parametrize("make", WAYS)
def test_branches_are_concatenated_in_order(make):
    net = make()
    steps = net.trace(X)
    assert steps["join"].shape == (3, 8)
    assert torch.equal(steps["join"], torch.cat([steps["conv"], steps["linear"]], dim=1))
    assert net(X).shape == (3, 2)
    single = {"board": X["board"][0], "heading": 0}
    assert torch.allclose(net(single), net(X)[0], atol=1e-6)


@pytest.mark.parametrize("make", WAYS)
@pytest.mark.parametrize(("method", "merge"), [("sum", torch.add), ("product", torch.mul)])
def test_branches_are_added_or_multiplied(make, method, merge):
    steps = make(JoinBlock(4, activation="tanh", method=method)).trace(X)
    assert torch.allclose(steps["join"], merge(steps["conv"], steps["linear"]).tanh())


@pytest.mark.parametrize("make", WAYS)
def test_gradients_reach_every_branch_and_the_weights_are_registered(make):
    net = make()
    net(X).sum().backward()
    grads = {name: weight.grad for name, weight in net.named_parameters()}
    assert {name.split(".")[1] for name in grads} == {"conv", "linear", "output"}
    assert all(grad is not None and grad.abs().sum() > 0 for grad in grads.values())


@pytest.mark.parametrize("make", WAYS)
def test_a_copy_and_a_file_give_the_same(make, tmp_path):
    net = make()
    net.save(tmp_path / "net.safetensors")
    for twin in (net.copy(), Net.load(tmp_path / "net.safetensors")):
        assert torch.equal(twin(X), net(X))
        assert list(twin.blocks) == list(net.blocks)


def test_branches_may_be_long_and_meet_at_a_join_of_ones_own():
    net = Net()
    inputs = InputBlock({"board": BOARD, "heading": HEADING}, is_module_dict=True)
    conv, join = ConvBlock(depth=1), JoinBlock(method="sum")
    inputs.join_block(conv, "board")
    narrow = linear()
    conv.join_block(narrow)
    wide = linear()
    inputs.join_block(wide, "heading")
    narrow.join_block(join)
    wide.join_block(join)
    net.add_block(inputs)
    net.compile()
    steps = net.trace(X)
    assert torch.equal(net(X), steps["linear"] + steps["linear_2"])


def test_one_block_may_feed_two():
    net = Net()
    inputs = InputBlock(spaces.Box(-1, 1, (3,)))
    left, right = linear(), linear()
    inputs.join_block(left)
    inputs.join_block(right)
    for block in (inputs, JoinBlock(method="product")):
        net.add_block(block)
    net.compile()
    x = torch.randn(2, 3)
    assert torch.equal(net(x), left(x) * right(x))


def test_without_branches_a_dict_becomes_one_vector():
    net = Net()
    net.add_block(InputBlock({"board": BOARD, "heading": HEADING}))
    net.add_block(OutputBlock(num_classes=2))
    net.compile()
    assert net.blocks["output"].input_size == 36 + 4


# --- what is wired wrongly


def wire(*blocks, **settings):
    net = Net(**settings)
    for block in blocks:
        net.add_block(block)
    net.compile()


def test_two_inputs_without_a_join():
    with pytest.raises(StructureError, match="Add a JoinBlock"):
        wire(InputBlock(BOARD), ConvBlock(), InputBlock(HEADING), linear(), is_dict_network=True)


def test_two_inputs_in_a_net_that_takes_no_dict():
    with pytest.raises(StructureError, match="is_dict_network=True"):
        wire(InputBlock(BOARD), InputBlock(HEADING), JoinBlock())


def test_parts_without_a_branch():
    with pytest.raises(StructureError, match=r"no branch for 'board', 'heading'.*join_block"):
        wire(InputBlock({"board": BOARD, "heading": HEADING}, True), OutputBlock(num_classes=2))


@pytest.mark.parametrize("key", [None, "bord"])
def test_a_branch_with_the_wrong_key(key):
    inputs = InputBlock({"board": BOARD}, True)
    inputs.join_block(ConvBlock(), "board")
    inputs.join_block(linear(), key)
    with pytest.raises(StructureError, match=r"it has the parts 'board'"):
        wire(inputs)


def test_a_key_where_there_are_no_parts():
    inputs = InputBlock(HEADING)
    inputs.join_block(linear(), "heading")
    with pytest.raises(StructureError, match="Leave the key out"):
        wire(inputs)


def test_a_block_fed_by_two():
    inputs, target = InputBlock(HEADING), linear()
    left, right = linear(), linear()
    inputs.join_block(left)
    inputs.join_block(right)
    left.join_block(target)
    right.join_block(target)
    with pytest.raises(StructureError, match="Only a JoinBlock takes several"):
        wire(inputs)


def test_blocks_in_a_circle():
    inputs, first, second = InputBlock(HEADING), linear(), linear()
    inputs.join_block(first)
    first.join_block(second)
    second.join_block(first)
    with pytest.raises(StructureError, match=r"comes later or is not in the net|fed by"):
        wire(inputs, first, second)


def test_branches_of_different_shapes_cannot_be_added():
    with pytest.raises(ShapeError, match=r"sum of different shapes: .*conv.*\(4,\).*linear.*\(5,\)"):
        wire(
            InputBlock(BOARD),
            ConvBlock(desired_output_size=4),
            InputBlock(HEADING),
            linear(5),
            JoinBlock(method="sum"),
            is_dict_network=True,
        )


def test_a_join_size_that_is_off():
    with pytest.raises(ShapeError, match=r"join_size=7.*Say join_size=8"):
        by_attributes(JoinBlock(7))


def test_a_part_that_does_not_fit_its_block_is_named():
    inputs = InputBlock({"board": BOARD}, True)
    inputs.join_block(linear(), "board")
    with pytest.raises(ShapeError, match=r"LinearBlock 'linear' cannot follow InputBlock 'input\[board\]'"):
        wire(inputs)


def test_settings_that_contradict_each_other():
    with pytest.raises(ConfigError, match="is_module_dict"):
        InputBlock(BOARD, is_module_dict=True)
    with pytest.raises(UnknownNameError, match="Did you mean 'board'"):
        DictInputBlock({"board": BOARD}, {"bord": linear()})
    with pytest.raises(UnknownNameError, match="concatenate"):
        JoinBlock(method="concat")


def test_data_that_lacks_a_key():
    with pytest.raises(ShapeError, match=r"'heading'.*was given the keys 'board'"):
        by_attributes()({"board": X["board"]})
    with pytest.raises(ShapeError, match=r"'board'.*ndarray"):
        by_attributes()(X["board"])
    with pytest.raises(ShapeError, match="different shapes"):
        by_attributes()({"board": X["board"], "heading": 1})
