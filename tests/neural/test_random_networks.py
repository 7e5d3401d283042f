"""Random networks: valid ones run and learn a step, all others raise an error of ours and never torch's."""

import numpy as np
import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from csai_core.errors import CsaiError
from csai_neural import (
    AttentionBlock,
    ConvBlock,
    DuelingBlock,
    EmbeddingBlock,
    FlattenBlock,
    InputBlock,
    JoinBlock,
    LinearBlock,
    Net,
    NormBlock,
    OutputBlock,
    RecurrentBlock,
    ResidualBlock,
)

LEAVES = [
    spaces.Box(-1, 1, (5,)),
    spaces.Box(0, 255, (9, 7, 3), np.uint8),
    spaces.Box(0, 1, (1, 4, 4)),
    spaces.Box(-np.inf, np.inf, (3, 8), np.float64),
    spaces.Box(-4, 4, (6,), np.int16),
    spaces.Box(-1, 1, ()),
    spaces.Discrete(4, start=-1),
    spaces.MultiDiscrete([2, 3]),
    spaces.MultiBinary(3),
    spaces.MultiBinary([2, 2]),
]
SPACES = st.recursive(
    st.sampled_from(LEAVES),
    lambda parts: (
        st.dictionaries(st.sampled_from("abc"), parts, min_size=1, max_size=3).map(spaces.Dict)
        | st.lists(parts, min_size=1, max_size=3).map(spaces.Tuple)
    ),
    max_leaves=4,
)
SIZES = st.sampled_from([None, None, None, 1, 3, 8, 15])
ACTIVATIONS = st.sampled_from([None, "tanh", torch.nn.ELU, torch.sigmoid, torch.nn.LeakyReLU(0.1)])
HIDDEN = st.one_of(st.integers(1, 6), st.lists(st.integers(1, 6), max_size=3))
BLOCKS = st.one_of(
    st.builds(
        LinearBlock,
        input_size=SIZES,
        output_size=st.integers(1, 9),
        num_hidden_layers=st.none(),
        hidden_size=HIDDEN,
        dropout=st.sampled_from([None, 0.5]),
        activation=ACTIVATIONS,
        use_layer_norm=st.booleans(),
    ),
    st.builds(
        ConvBlock,
        num_channels=st.sampled_from([None, None, 1, 3]),
        depth=st.integers(1, 4),
        padding=st.sampled_from(["same", "valid", 1]),
        disable_max_pool=st.booleans(),
        desired_output_size=SIZES,
        activation=ACTIVATIONS,
    ),
    st.builds(FlattenBlock, output_size=SIZES),
    st.builds(
        RecurrentBlock,
        input_size=SIZES,
        hidden_size=st.integers(1, 5),
        num_layers=st.integers(1, 2),
        cell=st.sampled_from(["gru", "lstm"]),
        return_sequence=st.booleans(),
    ),
    st.builds(
        AttentionBlock,
        num_heads=st.sampled_from([1, 2, 3]),
        pool=st.sampled_from(["none", "mean"]),
        learn_positions=st.booleans(),
    ),
    st.builds(ResidualBlock, hidden_size=SIZES, activation=ACTIVATIONS),
    st.builds(EmbeddingBlock, num_categories=SIZES, embedding_size=st.integers(1, 6)),
    st.builds(NormBlock, method=st.sampled_from(["layer", "batch"])),
    st.builds(JoinBlock, join_size=SIZES, method=st.sampled_from(["concatenate", "sum", "product"])),
    st.builds(OutputBlock, input_size=SIZES, num_classes=st.integers(1, 4), activation=ACTIVATIONS),
    st.builds(DuelingBlock, input_size=SIZES, num_actions=st.integers(1, 4), hidden_size=SIZES),
)
INPUTS = st.builds(lambda space, as_indices: (space, as_indices), SPACES, st.booleans())
RANDOM = settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])


def run_and_learn(net, x):
    """One forward pass and one step of training, with everything that can be checked of any network."""
    output = net(x)
    assert output.shape == (3, *net.output_shape)
    assert output.isfinite().all()
    parameters = list(net.parameters())
    if not parameters:
        return
    before = [parameter.clone() for parameter in parameters]
    (output * torch.randn_like(output)).sum().backward()
    assert all(parameter.grad is not None for parameter in parameters)
    torch.optim.SGD(parameters, lr=0.1).step()
    moved = [not torch.equal(old, new) for old, new in zip(before, parameters, strict=True)]
    had_gradient = [bool((parameter.grad != 0).any()) for parameter in parameters]
    assert all(pulled for pulled, has_moved in zip(had_gradient, moved, strict=True) if has_moved)
    net.eval()
    assert torch.allclose(net.copy()(x), net(x), equal_nan=True)
    assert net.summary().parameters == sum(parameter.numel() for parameter in parameters)


@RANDOM
@given(INPUTS, st.lists(BLOCKS, max_size=5), st.data())
def test_random_rows_of_blocks(input_and_coding, blocks, data):
    space, as_indices = input_and_coding
    net = Net()
    try:
        net.add_block(InputBlock(space, as_indices=as_indices))
        for block in blocks:
            net.add_block(block)
        net.compile()
    except CsaiError:
        return
    space.seed(data.draw(st.integers(0, 1000)))
    run_and_learn(net, batch_space(space, 3).sample())


@RANDOM
@given(st.lists(st.sampled_from(LEAVES), min_size=1, max_size=3), st.data())
def test_random_dictionary_networks(leaves, data):
    space = spaces.Dict({f"part{i}": leaf for i, leaf in enumerate(leaves)})
    net = Net(is_dict_network=data.draw(st.booleans()))
    try:
        if data.draw(st.booleans()):
            inputs = InputBlock(space, is_module_dict=True)
            for key in data.draw(st.lists(st.sampled_from([*space.spaces, "other", None]), max_size=4)):
                inputs.join_block(data.draw(BLOCKS), key)
            net.add_block(inputs)
        else:
            for key, part in space.spaces.items():
                net.add_block(InputBlock({key: part}))
                net.add_block(data.draw(BLOCKS))
        for block in data.draw(st.lists(BLOCKS, max_size=3)):
            net.add_block(block)
        net.compile()
    except CsaiError:
        return
    run_and_learn(net, batch_space(space, 3).sample())


@RANDOM
@given(SPACES)
def test_every_valid_space_enters(space):
    net = Net()
    net.add_block(InputBlock(space))
    if len(net.added_blocks[0].output_shape) != 1:
        net.add_block(FlattenBlock())
    net.add_block(LinearBlock(hidden_size=[4]))
    net.add_block(OutputBlock(num_classes=2))
    net.compile()
    run_and_learn(net, batch_space(space, 3).sample())
    assert net(space.sample()).shape == (2,)


@RANDOM
@given(st.lists(BLOCKS, min_size=2, max_size=4), st.data())
def test_random_links(blocks, data):
    net = Net()
    try:
        net.add_block(InputBlock(data.draw(st.sampled_from(LEAVES))))
        everything = [*net.added_blocks, *blocks]
        for _ in range(data.draw(st.integers(0, 4))):
            source, target = (data.draw(st.sampled_from(everything)) for _ in range(2))
            source.join_block(target)
        for block in data.draw(st.lists(st.sampled_from(blocks), unique_by=id)):
            net.add_block(block)
        net.compile()
    except CsaiError:
        return
    run_and_learn(net, batch_space(net.input_blocks[0].space, 3).sample())
