"""The networks of algorithms: default ones, and those that are put on somebody's body."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import (
    ConvBlock,
    DropoutBlock,
    DuelingBlock,
    InputBlock,
    LinearBlock,
    Net,
    OutputBlock,
)
from csai_neural.errors import ShapeError, StructureError
from csai_train.algorithms.networks import build_actor_critic, build_network, copy_network

VECTOR = spaces.Box(-1, 1, (4,))
IMAGE = spaces.Box(0, 1, (1, 16, 16))
ACTIONS = spaces.Discrete(3)


def make_body(*blocks, space=VECTOR):
    torch.manual_seed(0)
    net = Net("eyes")
    for block in (InputBlock(space), *blocks):
        net.add_block(block)
    return net


def test_a_q_network_is_a_body_layers_and_a_head():
    net = build_network(IMAGE, 3, (8, 5), seed=1)
    assert [type(block).__name__ for block in net.blocks.values()] == [
        "InputBlock",
        "ConvBlock",
        "LinearBlock",
        "OutputBlock",
    ]
    assert net.blocks["conv"].output_shape == (16 * 16 * 16,)
    assert net.blocks["output"].input_shape == (5,)


def test_a_body_keeps_its_weights_and_learns_with_the_network():
    body = make_body(LinearBlock(hidden_size=[6]), DropoutBlock(0.1))
    net = build_network(VECTOR, 3, (5,), seed=1, body=body)
    assert list(net.blocks) == ["input", "linear", "dropout", "output"]
    assert net.has_modes
    x = torch.ones(2, 4)
    assert torch.equal(net.eval().trace(x)["dropout"], body.eval()(x))
    before = body(x)
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0)
    net(x).sum().backward()
    optimizer.step()
    assert not torch.equal(body(x), before)
    again = Net.from_structure(net.structure())
    again.load_state_dict(net.state_dict())
    assert torch.equal(again.eval()(x), net(x))


def test_a_dueling_head_on_a_body():
    net = build_network(VECTOR, 3, (8, 5), seed=1, dueling=True, body=make_body(LinearBlock(hidden_size=[6])))
    assert isinstance(list(net.blocks.values())[-1], DuelingBlock)
    assert net(np.zeros(4)).shape == (3,)


@pytest.mark.parametrize("share_layers", [True, False])
def test_an_actor_critic_puts_its_heads_right_on_a_body(share_layers):
    body = make_body(ConvBlock(channels=[4], stride=2), space=IMAGE)
    net = build_actor_critic(IMAGE, ACTIONS, (8,), seed=1, share_layers=share_layers, body=body)
    assert net.features_extractor is body
    assert list(net.trace(IMAGE.sample())) == ["input", "conv", "policy_head", "value_head"]


def test_without_a_body_the_layers_are_shared_or_not():
    for share_layers, names in ((True, ["input", "shared"]), (False, ["input", "pi", "vf"])):
        net = build_actor_critic(VECTOR, ACTIONS, (8,), seed=1, share_layers=share_layers)
        assert [name for name in net.trace(np.zeros(4)) if "head" not in name] == names


@pytest.mark.parametrize("build", [build_network, build_actor_critic])
def test_a_plain_module_as_a_body(build):
    module = nn.Sequential(nn.Flatten(), nn.Linear(256, 10), nn.Tanh())
    net = build(IMAGE, 3 if build is build_network else ACTIONS, (8,), seed=1, body=module)
    assert {id(weight) for weight in module.parameters()} <= {id(weight) for weight in net.parameters()}
    assert "plain torch module" in net.notes[0]


@pytest.mark.parametrize("build", [build_network, build_actor_critic])
def test_the_seed_decides_and_the_global_generator_stays(build):
    outputs = 3 if build is build_network else ACTIONS
    state = torch.random.get_rng_state()
    weights = []
    for seed in (1, 1, 2):
        body = None if seed == 2 else make_body(LinearBlock(hidden_size=[6]))
        torch.random.set_rng_state(state)
        weights.append(
            torch.cat([w.flatten() for w in build(VECTOR, outputs, (8,), seed=seed, body=body).parameters()])
        )
        assert torch.equal(torch.random.get_rng_state(), state)
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0][-5:], weights[2][-5:])


def test_bodies_that_do_not_fit():
    with pytest.raises(ShapeError, match="Make its InputBlock for that space"):
        build_network(IMAGE, 3, (8,), seed=1, body=make_body())
    with pytest.raises(StructureError, match="a body ends before the output"):
        build_network(VECTOR, 3, (8,), seed=1, body=make_body(OutputBlock(num_classes=4)))


def test_a_net_that_ends_in_a_fitting_output_is_taken_whole():
    whole = make_body(OutputBlock(num_classes=3))
    assert build_network(VECTOR, 3, (8,), seed=1, body=whole) is whole
    with pytest.raises(ShapeError, match="Make its InputBlock for that space"):
        build_network(IMAGE, 3, (8,), seed=1, body=whole)


def test_a_copy_has_the_weights_of_its_source_and_what_learns_there():
    source, target = (build_network(VECTOR, 3, (8,), seed=seed) for seed in (1, 2))
    next(source.parameters()).requires_grad_(False)
    copy_network(source, target)
    for own, other in zip(target.parameters(), source.parameters(), strict=True):
        assert torch.equal(own, other)
        assert own.requires_grad == other.requires_grad
    with pytest.raises(ShapeError, match="must have the layers"):
        copy_network(source, build_network(VECTOR, 3, (9,), seed=1))


def test_the_network_itself_or_one_with_a_part_of_it_is_no_target():
    source = build_network(VECTOR, 3, (5,), seed=1)
    beside = make_body(LinearBlock(hidden_size=[5]))
    beside.compile()
    sharing = beside.followed_by(OutputBlock(num_classes=3))
    for one, other in ((source, source), (sharing, beside)):
        with pytest.raises(ConfigError, match=r"network\.copy\(\)"):
            copy_network(one, other)


def test_two_heads_on_a_network_with_an_output_of_its_own_are_refused():
    body = make_body(OutputBlock(num_classes=3))
    assert build_network(VECTOR, 3, (5,), seed=1, body=body) is body
    with pytest.raises(ConfigError, match="dueling=True builds two heads, but the network 'eyes'"):
        build_network(VECTOR, 3, (5,), seed=1, body=body, dueling=True)
    dueling = make_body(DuelingBlock(num_actions=3))
    assert build_network(VECTOR, 3, (5,), seed=1, body=dueling, dueling=True) is dueling


def test_a_body_that_ends_in_an_output_is_said_to_be_narrow():
    narrow = build_actor_critic(VECTOR, ACTIONS, (), seed=1, body=make_body(OutputBlock(num_classes=2)))
    assert any("no more than its 2 numbers" in note for note in narrow.notes)
    assert not build_actor_critic(VECTOR, ACTIONS, (), seed=1, body=make_body(LinearBlock(4, 2))).notes
