"""Bodies: those that follow the space, and those that people bring."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space
from torch import nn

from csai_core.errors import ConfigError
from csai_neural import (
    ActorCritic,
    ConvBlock,
    FlattenBlock,
    InputBlock,
    LinearBlock,
    Net,
    OutputBlock,
    RecurrentBlock,
)
from csai_neural.bodies import as_body, default_body, image_encoder
from csai_neural.errors import ShapeError, StructureError

VECTOR = spaces.Box(-1, 1, (4,))
ATARI = spaces.Box(0, 255, (4, 84, 84), np.uint8)
CAMERAS = spaces.Dict(
    head=spaces.Box(0, 255, (84, 84, 3), np.uint8),
    arm=spaces.Dict(camera=spaces.Box(0, 1, (1, 16, 16)), joints=VECTOR),
    legs=spaces.Dict(left=spaces.Discrete(3), right=spaces.MultiDiscrete([2, 2])),
)


def weights(network):
    return sum(weight.numel() for weight in network.parameters())


def make_net(space, *blocks):
    net = Net("eyes")
    for block in (InputBlock(space), *blocks):
        net.add_block(block)
    return net


# --- bodies that follow the space


@pytest.mark.parametrize(
    ("space", "kinds", "size"),
    [
        (VECTOR, ["input"], 4),
        (spaces.Discrete(5), ["input"], 5),
        (spaces.MultiDiscrete([2, 3]), ["input"], 5),
        (spaces.MultiBinary(6), ["input"], 6),
        (spaces.MultiBinary((2, 8, 8)), ["input", "conv"], 32 * 4 * 4),
        (spaces.Box(0, 1, ()), ["input"], 1),
        (spaces.Box(0, 1, (3, 5)), ["input", "flatten"], 15),
        (spaces.Box(0, 1, (2, 3, 3)), ["input", "flatten"], 18),
        (spaces.Box(0, 1, (1, 16, 16)), ["input", "conv"], 32 * 8 * 8),
        (spaces.Box(0, 255, (16, 16, 3), np.uint8), ["input", "conv"], 32 * 8 * 8),
        (spaces.Tuple([VECTOR, spaces.Discrete(2)]), ["input"], 6),
        (spaces.Tuple([VECTOR, spaces.Box(0, 1, (1, 8, 8))]), ["input", "flatten", "conv", "join"], 4 + 512),
        (
            CAMERAS,
            ["input", "conv", "flatten", "flatten", "conv", "join"],
            32 * 8 * 8 + 4 + 7 + 64 * 7 * 7,
        ),
    ],
    ids=str,
)
def test_every_space_has_a_body(space, kinds, size):
    body = default_body(space)
    assert sorted(node.block.kind for node in body.nodes) == sorted(kinds)
    assert body.output_shape == (size,)
    assert body(batch_space(space, 3).sample()).shape == (3, size)
    assert body(space.sample()).shape == (size,)


def test_each_image_has_a_branch_and_files_keep_them(tmp_path):
    body = default_body(CAMERAS)
    assert {node.key for node in body.nodes} == {None, "head", "arm.camera", "arm.joints", "legs"}
    x = batch_space(CAMERAS, 2).sample()
    body.save(tmp_path / "body.safetensors")
    assert torch.equal(Net.load(tmp_path / "body.safetensors")(x), body(x))
    steps = body.trace(x)
    assert steps["input[legs]"].shape == (2, 7)
    assert steps["input[arm.camera]"].shape == (2, 1, 16, 16)
    body(x).sum().backward()
    assert all(weight.grad is not None for weight in body.parameters())


def test_small_images_are_seen_as_before():
    shapes = [(1, 16, 16), (3, 16, 16), (2, 10, 5), (3, 15, 15)]
    for shape in shapes:
        for depth in (2, 3):
            encoder, plain = image_encoder(shape, depth), ConvBlock(depth=depth)
            encoder.fit(shape)
            plain.fit(shape)
            assert repr(encoder.layers) == repr(plain.layers)


SIZES = [5, 6, 7, 8, 10, 12, 16, 20, 23, 24, 30, 36, 42, 48, 64, 80, 84, 96, 128, 160, 210]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("layout", ["channels first", "channels last", "stack"])
def test_pictures_of_every_size_and_layout_reach_all_weights(size, layout):
    torch.manual_seed(size)
    shape = {"channels first": (4, size, size), "channels last": (size, size, 3), "stack": (2, size, size, 3)}
    space = spaces.Box(0, 255, shape[layout], np.uint8)
    space.seed(0)
    body = default_body(space)
    assert body.notes == []
    features = body(np.stack([space.sample(), space.sample()]))
    assert features.shape == (2, body.output_size)
    (features - torch.randn(body.output_size)).square().sum().backward()
    assert all(weight.grad.abs().sum() > 0 for weight in body.parameters())
    assert body.output_size <= 6400


def test_channels_first_and_last_are_seen_alike():
    last, first = (spaces.Box(0, 255, shape, np.uint8) for shape in ((24, 30, 3), (3, 24, 30)))
    one, other = default_body(last), default_body(first)
    other.load_state_dict(one.state_dict())
    picture = last.sample()
    torch.testing.assert_close(one(picture), other(np.ascontiguousarray(picture.transpose(2, 0, 1))))


def nature_cnn():
    """The network of Mnih et al. 2015 for Atari games, without its last layer."""
    return nn.Sequential(
        nn.Conv2d(4, 32, 8, 4), nn.ReLU(),
        nn.Conv2d(32, 64, 4, 2), nn.ReLU(),
        nn.Conv2d(64, 64, 3, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(3136, 512), nn.ReLU(),
    )  # fmt: skip


@pytest.mark.parametrize("net_arch", [[256, 128], {"pi": [64, 64], "vf": [64, 64]}, [512]])
def test_large_images_cost_no_more_than_nature_cnn(net_arch):
    nature = ActorCritic(ATARI, spaces.Discrete(6), nature_cnn(), []).summary()
    ours = ActorCritic(ATARI, spaces.Discrete(6), net_arch=net_arch).summary()
    assert weights(nature_cnn()) == 1_684_128
    assert ours.parameters <= nature.parameters
    assert ours.multiply_adds <= nature.multiply_adds


@pytest.mark.parametrize(
    "size", [(24, 24), (32, 32), (64, 64), (96, 96), (210, 160), (480, 640), (24, 300), (300, 24), (36, 100)]
)
def test_images_of_any_size_end_in_few_features(size):
    body = default_body(spaces.Box(0, 1, (3, *size)))
    assert 32 <= body.output_size <= 64 * 10 * 10


def test_what_is_laid_out_flat_is_said_once():
    space = spaces.Dict(
        map=spaces.Box(0, 1, (5, 5)), at=spaces.Dict(tiny=spaces.Box(0, 1, (1, 3, 3))), v=VECTOR
    )
    notes = default_body(space).notes
    assert len(notes) == 2
    assert "'map' of the observations of shape (5, 5) is laid out flat" in " ".join(notes)
    assert "'at.tiny'" in " ".join(notes)
    assert ActorCritic(space, spaces.Discrete(2)).notes == notes
    assert (
        default_body(spaces.Box(0, 1, (2, 3))).notes[0].startswith("For want of better, the observation of")
    )
    assert default_body(CAMERAS).notes == []


# --- bodies that people bring


def test_a_net_is_its_own_body_compiled_or_not():
    for net in (make_net(VECTOR, LinearBlock(hidden_size=[3])), default_body(VECTOR)):
        assert as_body(net, VECTOR) is net
        assert net.is_compiled
        assert net.notes == []


def test_a_body_that_ends_in_no_vector_is_laid_out_flat_with_a_word():
    net = make_net(spaces.Box(0, 1, (2, 3)))
    body = as_body(net, spaces.Box(0, 1, (2, 3)))
    assert body.output_shape == (6,)
    assert net.output_shape == (2, 3)
    assert body.notes == ["The body 'eyes' gives (2, 3), which is laid out flat; a FlattenBlock is added."]


def test_a_body_with_memory_says_so():
    assert as_body(make_net(VECTOR, RecurrentBlock(hidden_size=5)), VECTOR).has_memory
    assert not as_body(make_net(VECTOR, LinearBlock()), VECTOR).has_memory


def test_a_plain_module_is_a_body_with_a_word(tmp_path):
    module = nn.Sequential(nn.Linear(4, 7), nn.Tanh())
    body = as_body(module, VECTOR)
    assert body.name == "Sequential"
    assert torch.equal(body(torch.ones(2, 4)), module(torch.ones(2, 4)))
    assert "must give the module again" in body.notes[0]
    network = ActorCritic(VECTOR, spaces.Discrete(2), module, [6])
    assert network.notes == body.notes
    assert set(module.parameters()) <= set(network.parameters())
    with pytest.raises(ConfigError, match="plain torch module"):
        network.save(tmp_path / "it.safetensors")


def test_weights_of_a_body_are_left_as_they_are():
    body = make_net(VECTOR, LinearBlock(hidden_size=[3]))
    body.compile()
    before = {name: value.clone() for name, value in body.state_dict().items()}
    ActorCritic(VECTOR, spaces.Discrete(2), body)
    assert all(torch.equal(value, before[name]) for name, value in body.state_dict().items())


def test_what_was_frozen_stays_frozen():
    body = make_net(VECTOR, LinearBlock(hidden_size=[3]))
    body.compile()
    body.freeze("linear")
    assert not any(
        weight.requires_grad
        for weight in ActorCritic(VECTOR, spaces.Discrete(2), body).features_extractor.parameters()
    )


@pytest.mark.parametrize(
    ("ours", "given"),
    [
        (VECTOR, spaces.Box(-1, 1, (5,))),
        (spaces.Discrete(3), spaces.Discrete(4)),
        (spaces.Discrete(3), VECTOR),
        (spaces.Dict(a=VECTOR), spaces.Dict(b=VECTOR)),
        (spaces.Dict(a=VECTOR), VECTOR),
        (spaces.Tuple([VECTOR]), spaces.Tuple([spaces.Discrete(4)])),
    ],
    ids=str,
)
def test_bodies_of_other_spaces_are_refused(ours, given):
    with pytest.raises(ShapeError, match="Make its InputBlock for that space"):
        as_body(make_net(ours), given)


def test_a_body_may_take_a_part_of_what_there_is():
    everything = spaces.Dict(a=VECTOR, b=spaces.Discrete(2))
    assert as_body(make_net(spaces.Dict(a=VECTOR)), everything)(everything.sample()).shape == (4,)


@pytest.mark.parametrize("body", ["conv", None, LinearBlock(), nn.Linear])
def test_what_is_no_body(body):
    with pytest.raises(ConfigError, match="cannot be the body"):
        as_body(body, VECTOR)


def test_nothing_follows_an_output():
    net = make_net(VECTOR, OutputBlock(num_classes=2))
    with pytest.raises(StructureError, match="a body ends before the output"):
        as_body(net, VECTOR).followed_by(FlattenBlock())
