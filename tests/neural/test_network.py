"""What Net and ActorCritic have in common: seeing, changing, keeping."""

import inspect

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core.errors import ConfigError, UnknownNameError
from csai_neural import (
    ActorCritic,
    Block,
    ConvBlock,
    DropoutBlock,
    InputBlock,
    LinearBlock,
    Net,
    NormBlock,
    OutputBlock,
)
from csai_neural.errors import NetFileError
from csai_neural.network import Network

IMAGE = spaces.Box(0, 1, (1, 8, 8))
X = np.random.default_rng(0).random((3, 1, 8, 8), np.float32)


def make_net(*blocks):
    net = Net("eyes")
    for block in (InputBlock(IMAGE), *blocks):
        net.add_block(block)
    net.compile()
    return net


def a_net():
    return make_net(ConvBlock(depth=1), NormBlock("batch"), LinearBlock(hidden_size=[6], dropout=0.5))


def an_actor_critic():
    return ActorCritic(IMAGE, spaces.Box(-1, 1, (2,)), a_net(), [8, {"pi": [7], "vf": [5, 4]}])


BOTH = pytest.mark.parametrize("make", [a_net, an_actor_critic])


def outputs(network):
    y = network(X)
    return y if isinstance(y, tuple) else (y,)


def assert_same(one, other):
    for ours, theirs in zip(outputs(one), outputs(other), strict=True):
        assert torch.equal(ours, theirs)


@pytest.mark.parametrize("kind", [Net, ActorCritic])
def test_both_have_everything_that_a_network_has(kind):
    face = {name for name in vars(Network) if not name.startswith("_")} - {"kind", "name"}
    assert {
        "summary",
        "diagram",
        "trace",
        "freeze",
        "unfreeze",
        "soft_update",
        "copy",
        "save",
        "load",
    } <= face
    assert {"export_onnx", "structure", "from_structure", "has_modes", "torch_compile"} <= face
    assert issubclass(kind, Network)
    assert not inspect.isabstract(kind)


@BOTH
def test_files_and_structures_bring_back_everything(make, tmp_path):
    network = make()
    network.train()(X)  # moves the running averages of the batch norm
    network.eval().freeze("conv*")
    network.save(tmp_path / "it.safetensors")
    loaded = type(network).load(tmp_path / "it.safetensors").eval()
    assert_same(loaded, network)
    assert any("running_mean" in name for name in loaded.state_dict())
    again = type(network).from_structure(network.structure())
    assert again.structure() == loaded.structure() == network.structure()
    frozen = {name for name, weight in loaded.named_parameters() if not weight.requires_grad}
    assert frozen == {name for name, weight in network.named_parameters() if ".conv." in name}


@BOTH
def test_building_from_a_structure_draws_no_random_numbers(make):
    structure = make().structure()
    before = torch.random.get_rng_state()

    (Net if make is a_net else ActorCritic).from_structure(structure)
    assert torch.equal(torch.random.get_rng_state(), before)


@pytest.mark.parametrize("kind", [Net, ActorCritic])
@pytest.mark.parametrize(
    "structure", [{}, {"name": 3}, {"features_extractor": {}}, [], {"observation_space": 1}]
)
def test_what_describes_no_network(kind, structure):
    with pytest.raises(NetFileError, match=rf"describes no (Net|{kind.__name__})"):
        kind.from_structure(structure)


@BOTH
def test_a_copy_is_independent(make):
    network = make().eval()
    twin = network.copy()
    assert_same(twin, network)
    with torch.no_grad():
        for weight in twin.parameters():
            weight.add_(1)
    assert not torch.equal(outputs(twin)[0], outputs(network)[0])


@BOTH
def test_soft_update_moves_and_copies_averages(make):
    network = make()
    other = network.copy()
    other.train()(X)
    network.soft_update(other, 1.0)
    assert_same(network.eval(), other.eval())


@BOTH
def test_freezing_by_name_and_as_a_whole(make):
    network = make()
    network.freeze()
    assert not any(weight.requires_grad for weight in network.parameters())
    network.unfreeze("lin*")
    assert any(weight.requires_grad for weight in network.parameters())
    network.unfreeze()
    assert all(weight.requires_grad for weight in network.parameters())
    with pytest.raises(UnknownNameError, match="No block named 'eyes'"):
        network.freeze("eyes")


@BOTH
def test_the_summary_counts_every_parameter(make):
    network = make()
    assert network.summary().parameters == sum(weight.numel() for weight in network.parameters())
    assert network.summary().multiply_adds > 0


@BOTH
def test_the_trace_follows_the_blocks(make):
    network = make().eval()
    steps = network.trace(X)
    assert list(steps) == [node.block.name for node in network.nodes]
    for node in network.nodes:
        assert steps[node.block.name].shape == (3, *node.block.output_shape)


@BOTH
def test_pictures_are_drawn(make):
    pytest.importorskip("matplotlib", reason="the extra `diagram` is not installed")
    network = make()
    assert network.diagram().draw("png").startswith(b"\x89PNG")
    assert "<img" in network._repr_html_()


@BOTH
def test_seeing_draws_no_random_numbers_and_changes_nothing(make):
    network = make()
    before, weights = torch.random.get_rng_state(), {k: v.clone() for k, v in network.state_dict().items()}
    network.summary()
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(torch.equal(value, weights[name]) for name, value in network.state_dict().items())
    assert network.training


# --- what an ActorCritic shows


def test_an_actor_critic_shows_body_layers_and_heads():
    network = an_actor_critic()
    rows = {row.name: (row.kind, row.output_shape, row.parameters) for row in network.summary().rows}
    assert list(rows) == [
        "input", "conv", "norm", "linear", "shared", "pi", "policy_head", "vf", "value_head",
    ]  # fmt: skip
    assert rows["shared"] == ("LinearBlock", (8,), 6 * 8 + 8)
    assert rows["policy_head"] == ("OutputBlock", (2,), 7 * 2 + 2 + 2)  # and the two deviations
    assert rows["value_head"] == ("OutputBlock", (1,), 4 + 1)
    feeds = {node.block.name: [source.name for source in node.sources] for node in network.nodes}
    assert feeds["pi"] == feeds["vf"] == ["shared"]
    assert (feeds["policy_head"], feeds["value_head"]) == (["pi"], ["vf"])


def test_the_trace_of_an_actor_critic_ends_in_its_outputs():
    network = an_actor_critic().eval()
    policy, value = network(X)
    steps = network.trace(X)
    assert torch.equal(steps["policy_head"], policy)
    assert torch.equal(steps["value_head"].squeeze(-1), value)
    assert network.trace(X[0])["shared"].shape == (8,)


def test_an_actor_critic_without_layers_of_its_own():
    network = ActorCritic(IMAGE, spaces.Discrete(2), net_arch=[])
    assert list(network.trace(X)) == ["input", "conv", "policy_head", "value_head"]


def test_heads_can_be_frozen_alone():
    network = an_actor_critic()
    network.freeze("policy_head")
    frozen = {name for name, weight in network.named_parameters() if not weight.requires_grad}
    assert frozen == {"policy_head.weight", "policy_head.bias", "log_std"}


# --- modes


class Strange(Block):
    def build(self, input_shape):
        return input_shape

    def forward(self, x):
        return x


@pytest.mark.parametrize(
    ("block", "has_modes"),
    [
        (LinearBlock(hidden_size=[4]), False),
        (LinearBlock(hidden_size=[4], dropout=0.1), True),
        (LinearBlock(hidden_size=[4], use_layer_norm=True), False),
        (DropoutBlock(0.1), True),
        (DropoutBlock(0.0), False),
        (NormBlock("layer"), False),
        (NormBlock("batch"), True),
        (Strange(), True),
    ],
)
def test_a_network_knows_whether_training_differs_from_use(block, has_modes):
    net = make_net(ConvBlock(depth=1), block)
    assert net.has_modes is has_modes
    assert ActorCritic(IMAGE, spaces.Discrete(2), net).has_modes is has_modes


@BOTH
def test_in_use_the_same_comes_out_twice(make):
    network = make()
    assert not torch.equal(outputs(network)[0], outputs(network)[0])
    network.eval()
    assert_same(network, network)
    if isinstance(network, ActorCritic):
        decisions = [network.act(X, generator=torch.Generator().manual_seed(1)) for _ in range(2)]
        assert torch.equal(decisions[0].action, decisions[1].action)
        evaluated = network.evaluate_actions(X, decisions[0].action)
        assert torch.allclose(evaluated.log_prob, decisions[0].log_prob, atol=1e-6)


def test_settings_that_no_structure_holds():
    with pytest.raises(ConfigError, match="cannot be written"):
        make_net(ConvBlock(activation=lambda x: x)).structure()


# --- one net behind another


def test_a_net_followed_by_blocks_shares_its_weights():
    body = a_net().eval()
    longer = body.followed_by(OutputBlock(num_classes=2), name="q").eval()
    assert (longer.name, body.name) == ("q", "eyes")
    assert longer.output_shape == (2,)
    assert torch.equal(longer.trace(X)["linear"], body(X))
    with torch.no_grad():
        longer.blocks["conv"].layers[0].weight.zero_()
    assert torch.equal(longer.trace(X)["linear"], body(X))


def test_a_net_of_another_dtype_is_followed_in_that():
    assert a_net().to(torch.float64).followed_by(OutputBlock(num_classes=2))(X).dtype == torch.float64
