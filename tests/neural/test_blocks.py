"""Each kind of block, by hand and against torch's own layers."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from torch import nn
from torch.nn import functional

from csai_core.errors import ConfigError, UnknownNameError
from csai_neural import (
    AttentionBlock,
    Block,
    ConvBlock,
    DuelingBlock,
    EmbeddingBlock,
    FlattenBlock,
    Identity,
    InputBlock,
    JoinBlock,
    LinearBlock,
    Net,
    NormBlock,
    OutputBlock,
    RecurrentBlock,
    ResidualBlock,
)
from csai_neural.errors import ForwardError, ShapeError, StructureError


def make_net(space, *blocks, **settings):
    net = Net()
    net.add_block(InputBlock(space, **settings))
    for block in blocks:
        net.add_block(block)
    net.compile()
    return net


VECTOR = spaces.Box(-1, 1, (5,))


# --- linear


def layer_names(block):
    return [type(layer).__name__ for layer in block.layers]


def test_linear_has_three_hidden_layers_and_ends_with_its_activation():
    block = LinearBlock(4, 2)
    assert layer_names(block) == ["Linear", "ReLU"] * 4
    sizes = [(layer.in_features, layer.out_features) for layer in block.layers[::2]]
    assert sizes == [(4, 128), (128, 128), (128, 128), (128, 2)]


def test_every_setting_of_linear_is_in_effect():
    block = LinearBlock(4, 2, 1, 16, 0.25, nn.Tanh, "cpu", use_layer_norm=True)
    assert layer_names(block) == ["Linear", "LayerNorm", "Tanh", "Dropout"] * 2
    assert block.layers[3].p == 0.25
    assert block.layers[0].out_features == 16
    assert block.device == torch.device("cpu")


def test_linear_without_output_size_ends_with_its_last_hidden_layer():
    block = LinearBlock(4, hidden_size=[8, 6])
    assert block.output_size == 6
    assert [layer.out_features for layer in block.layers[::2]] == [8, 6]


def test_linear_without_hidden_layers():
    assert layer_names(LinearBlock(4, 2, hidden_size=[])) == ["Linear", "ReLU"]
    assert layer_names(LinearBlock(4, 2, num_hidden_layers=0)) == ["Linear", "ReLU"]


def test_a_linear_block_can_be_a_value_head():
    block = LinearBlock(4, 1, hidden_size=[8], activation="identity")
    for layer in block.layers[::2]:
        nn.init.zeros_(layer.bias)
    x = torch.randn(1, 4)
    assert (block(x) * block(-x) < 0).all()


def test_sizes_may_be_numpys():
    assert LinearBlock(np.int64(4), np.prod((2, 3)), hidden_size=[np.int32(3)]).output_shape == (6,)


def test_regenerating_follows_changed_settings():
    block = LinearBlock(4, 2, hidden_size=[8])
    old = block.layers[0].weight
    block.input_size, block.hidden_size = 3, [5, 6]
    block.regenerate_network()
    assert [tuple(layer.weight.shape) for layer in block.layers[::2]] == [(5, 3), (6, 5), (2, 6)]
    assert block.layers[0].weight is not old


def test_a_net_whose_block_was_regenerated_to_another_shape_says_so():
    net = make_net(VECTOR, LinearBlock(hidden_size=[8]), OutputBlock(num_classes=2))
    net.blocks["linear"].output_size = 9
    net.blocks["linear"].regenerate_network()
    with pytest.raises(ShapeError, match=r"OutputBlock 'output' cannot follow LinearBlock 'linear'"):
        net(torch.zeros(2, 5))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"output_size": 0}, "output_size=0"),
        ({"input_size": -1}, "input_size=-1"),
        ({"hidden_size": 2.5}, "hidden_size=2.5"),
        ({"hidden_size": [3, "4"]}, "'4'"),
        ({"output_size": True}, "output_size=True"),
        ({"dropout": 1.0}, "dropout=1.0"),
        ({"num_hidden_layers": 2, "hidden_size": [3]}, "leave one of them out"),
        ({"hidden_size": []}, "no layer"),
    ],
)
def test_settings_of_linear_that_cannot_work(settings, words):
    with pytest.raises(ConfigError, match=words):
        LinearBlock(**settings)


# --- activations


@pytest.mark.parametrize(
    ("activation", "kind"),
    [
        (None, nn.ReLU),
        ("tanh", nn.Tanh),
        (nn.ELU, nn.ELU),
        (nn.LeakyReLU(0.3), nn.LeakyReLU),
        (torch.sigmoid, nn.Sigmoid),
        (functional.gelu, nn.GELU),
        (Identity, nn.Identity),
    ],
)
def test_activations_in_every_form(activation, kind):
    assert isinstance(LinearBlock(2, 2, hidden_size=[], activation=activation).layers[1], kind)


def test_an_activation_may_be_any_function():
    block = LinearBlock(2, 2, hidden_size=[], activation=lambda x: x * 0 + 7)
    assert (block(torch.zeros(1, 2)) == 7).all()


def test_softmax_sums_to_one_over_the_outputs():
    for softmax in ("softmax", nn.Softmax, torch.softmax):
        assert OutputBlock(3, 4, softmax)(torch.randn(5, 3)).sum(1).tolist() == pytest.approx([1.0] * 5)


@pytest.mark.parametrize("make", [LinearBlock, ConvBlock, ResidualBlock, JoinBlock])
def test_an_unknown_activation_is_refused_at_once(make):
    with pytest.raises(UnknownNameError, match="Did you mean 'relu'"):
        make(activation="rellu")


@pytest.mark.parametrize("activation", [3, object(), dict, [nn.ReLU]])
def test_what_cannot_activate(activation):
    with pytest.raises(ConfigError, match="cannot be used"):
        LinearBlock(activation=activation)


# --- conv


@pytest.mark.parametrize(
    ("size", "outputs"), [(8, [512, 1024, 512, 256, 128]), (28, [6272, 12544, 6272, 3136, 1152])]
)
def test_sizes_of_conv(size, outputs):
    assert [ConvBlock((1, size, size), 1, depth).output_size for depth in range(1, 6)] == outputs


def test_every_setting_of_conv_is_in_effect():
    block = ConvBlock((2, 9, 9), 2, 3, "valid", True, 10, nn.Tanh)
    assert layer_names(block) == ["Conv2d", "Tanh"] * 3 + ["Flatten", "Linear"]
    assert block.image_shape == (32, 3, 3)
    assert block.output_shape == (10,)
    assert ConvBlock((1, 5, 5), padding=2, depth=1).image_shape == (8, 7, 7)


def test_an_image_too_small_for_the_depth_says_which_depth_works():
    with pytest.raises(ShapeError, match=r"\(1, 8, 8\).*after 6 conv.*Use depth=5"):
        ConvBlock((1, 8, 8), 1, 6)
    with pytest.raises(ShapeError, match=r'padding="same"'):
        ConvBlock((1, 4, 4), depth=2, padding="valid")


def test_channels_that_differ_from_the_image():
    with pytest.raises(ShapeError, match="num_channels=3"):
        ConvBlock((1, 8, 8), 1 + 2)


@pytest.mark.parametrize(
    "settings", [{"depth": 0}, {"padding": "none"}, {"padding": -1}, {"num_channels": 0}]
)
def test_settings_of_conv_that_cannot_work(settings):
    with pytest.raises(ConfigError, match=next(iter(settings))):
        ConvBlock(**settings)


def test_a_conv_after_a_vector():
    with pytest.raises(ShapeError, match=r"takes images.*\(5,\)"):
        make_net(VECTOR, ConvBlock())


# --- flatten, output


def test_flatten_checks_its_size():
    assert FlattenBlock(input_shape=(2, 3, 4)).output_size == 24
    with pytest.raises(ShapeError, match="holds 24 numbers"):
        FlattenBlock(23, (2, 3, 4))


def test_output_has_no_activation_unless_asked():
    assert layer_names(OutputBlock(3, 2)) == ["Linear"]
    assert layer_names(OutputBlock(3, 2, nn.Tanh)) == ["Linear", "Tanh"]


def test_output_needs_a_number_of_classes():
    with pytest.raises(ConfigError, match="num_classes"):
        OutputBlock(3)


# --- recurrent


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_recurrent_steps_as_torchs_own_layer_reads_a_sequence(cell):
    net = make_net(VECTOR, RecurrentBlock(hidden_size=4, num_layers=2, cell=cell))
    x = torch.randn(3, 6, 5)
    expected, _ = net.blocks["recurrent"].layers(x)
    state = net.initial_state(3)
    for step in range(6):
        output, state = net.step(x[:, step], state)
        assert torch.allclose(output, expected[:, step], atol=1e-6)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_sequence_ends_where_its_steps_do(cell):
    net = make_net(spaces.Box(-1, 1, (6, 5)), RecurrentBlock(hidden_size=4, cell=cell))
    x = torch.randn(3, 6, 5)
    assert torch.allclose(net(x), net.blocks["recurrent"].layers(x)[0][:, -1])
    first, state = net.step(x, net.initial_state(3))
    second, _ = net.step(x, state)
    twice = net.blocks["recurrent"].layers(torch.cat([x, x], dim=1))[0]
    assert torch.allclose(first, twice[:, 5], atol=1e-6)
    assert torch.allclose(second, twice[:, 11], atol=1e-6)


def test_a_row_of_zeros_starts_one_game_again():
    net = make_net(VECTOR, RecurrentBlock(hidden_size=4))
    x = torch.randn(2, 5)
    _, state = net.step(x, net.initial_state(2))
    state["recurrent"][1] = 0
    output, _ = net.step(x, state)
    assert torch.allclose(output[1], net(x)[1])
    assert not torch.allclose(output[0], net(x)[0])


def test_a_state_that_does_not_fit():
    net = make_net(VECTOR, RecurrentBlock(hidden_size=4))
    for state in ({}, net.initial_state(3), {"other": torch.zeros(2, 1, 4)}, torch.zeros(2, 1, 4), None):
        with pytest.raises(ShapeError, match="initial_state"):
            net.step(torch.zeros(2, 5), state)
    with pytest.raises(ShapeError, match="one batch axis"):
        net.step(torch.zeros(2, 2, 5), net.initial_state(2))
    assert make_net(VECTOR, LinearBlock()).initial_state(2) == {}


def test_an_unknown_cell():
    with pytest.raises(UnknownNameError, match="gru"):
        RecurrentBlock(cell="gruu")


# --- attention, residual, norm, dueling, embedding


def test_attention_is_torchs_own_layer():
    block = AttentionBlock(num_heads=2, feed_forward_size=12, input_shape=(4, 8))
    layer = nn.TransformerEncoderLayer(
        8, 2, 12, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    )
    with torch.no_grad():
        layer.self_attn.in_proj_weight.copy_(block.query_key_value.weight)
        layer.self_attn.in_proj_bias.copy_(block.query_key_value.bias)
        layer.self_attn.out_proj.load_state_dict(block.mix_heads.state_dict())
        layer.norm1.load_state_dict(block.attention_norm.state_dict())
        layer.norm2.load_state_dict(block.feed_forward[0].state_dict())
        layer.linear1.load_state_dict(block.feed_forward[1].state_dict())
        layer.linear2.load_state_dict(block.feed_forward[3].state_dict())
    x = torch.randn(3, 4, 8)
    assert torch.allclose(block(x), layer(x), atol=1e-5)


def test_attention_knows_no_order_unless_it_learns_positions():
    x = torch.randn(2, 4, 8)
    block = AttentionBlock(pool="mean", input_shape=(4, 8))
    assert torch.allclose(block(x), block(x.flip(1)), atol=1e-5)
    block = AttentionBlock(pool="mean", learn_positions=True, input_shape=(4, 8))
    nn.init.normal_(block.positions)
    assert not torch.allclose(block(x), block(x.flip(1)), atol=1e-3)


def test_heads_that_do_not_divide_the_features():
    with pytest.raises(ShapeError, match=r"num_heads=4.*\[1, 2, 3, 6\]"):
        AttentionBlock(input_shape=(4, 6))


def test_residual_adds_to_what_came_in():
    for shape in ((6,), (3, 5, 4)):
        block = ResidualBlock(input_shape=shape)
        x = torch.randn(2, *shape)
        assert torch.allclose(block(x) - x, block.layers(x), atol=1e-6)
        nn.init.zeros_(block.layers[3].weight)
        nn.init.zeros_(block.layers[3].bias)
        assert torch.equal(block(x), x)


def test_layer_norm_by_hand():
    y = NormBlock(input_shape=(2,))(torch.tensor([[1.0, 3.0]]))
    assert y.flatten().tolist() == pytest.approx([-1, 1], abs=1e-4)


def test_batch_norm_keeps_averages_and_refuses_a_batch_of_one():
    net = make_net(VECTOR, NormBlock("batch"))
    net(torch.randn(4, 5) + 10)
    assert (net.blocks["norm"].norm.running_mean > 0.5).all()
    with pytest.raises(ForwardError, match="batch of 1"):
        net(torch.zeros(1, 5))
    assert net.eval()(torch.zeros(1, 5)).shape == (1, 5)


def test_dueling_by_hand():
    block = DuelingBlock(2, 3, hidden_size=None)
    with torch.no_grad():
        block.value[0].weight.copy_(torch.tensor([[1.0, 0.0]]))
        block.advantage[0].weight.copy_(torch.tensor([[0.0, 1.0], [0.0, 2.0], [0.0, 6.0]]))
        for head in (block.value, block.advantage):
            head[0].bias.zero_()
    # V = 10; A = (1, 2, 6) with mean 3, so Q = (8, 9, 13).
    assert block(torch.tensor([[10.0, 1.0]])).tolist() == [[8, 9, 13]]


def test_embedding_looks_its_numbers_up():
    net = make_net(spaces.Discrete(4, start=5), EmbeddingBlock(embedding_size=3), as_indices=True)
    table = net.blocks["embedding"].layers[0].weight
    assert table.shape == (4, 3)
    assert torch.equal(net(np.array([5, 8])), table[[0, 3]])


def test_an_embedding_with_too_few_rows_or_without_numbers():
    with pytest.raises(ShapeError, match=r"num_categories=3.*Say num_categories=4"):
        make_net(spaces.Discrete(4), EmbeddingBlock(3), as_indices=True)
    with pytest.raises(ShapeError, match="as_indices=True"):
        make_net(spaces.Discrete(4), EmbeddingBlock())
    with pytest.raises(ShapeError, match="EmbeddingBlock"):
        make_net(spaces.Discrete(4), LinearBlock(), as_indices=True)
    with pytest.raises(ConfigError, match="is_module_dict"):
        InputBlock(spaces.Dict(a=spaces.Discrete(2)), as_indices=True)


# --- blocks of one's own


class Doubling(Block):
    def __init__(self, device=None):
        super().__init__(device)

    def build(self, input_shape):
        return input_shape

    def forward(self, x):
        return 2 * x


def test_a_block_of_ones_own():
    net = make_net(VECTOR, Doubling())
    assert net(np.ones(5)).tolist() == [2] * 5
    assert net.blocks["doubling"].kind == "doubling"


def test_a_block_that_forgets_to_build():
    class Empty(Block):
        pass

    with pytest.raises(TypeError, match=r"build\(self, input_shape\)"):
        make_net(VECTOR, Empty())


def test_a_block_that_fails_is_named_with_its_shapes():
    class Broken(Doubling):
        def forward(self, x):
            return x @ torch.zeros(3, 3)

    net = make_net(VECTOR, Broken())
    with pytest.raises(ForwardError, match=r"Broken 'broken' failed on an input of shape \(2, 5\)"):
        net(torch.zeros(2, 5))


def test_a_join_without_inputs():
    with pytest.raises(StructureError, match="nothing to join"):
        JoinBlock().connect()
