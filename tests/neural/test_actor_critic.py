"""ActorCritic: acting, evaluating, net_arch and everything it can be given."""

import numpy as np
import pytest
import torch
from gymnasium import spaces
from gymnasium.vector.utils import batch_space, iterate

from csai_core import ActionAttribute, DiscreteType
from csai_core.errors import ConfigError, SpaceError
from csai_neural import ActorCritic, ConvBlock, InputBlock, LinearBlock, Net, OutputBlock
from csai_neural.actor_critic import read_net_arch
from csai_neural.errors import NetFileError, ShapeError

VECTOR = spaces.Box(-1, 1, (4,))
OBSERVATIONS = [
    VECTOR,
    spaces.Box(0, 255, (16, 12, 3), np.uint8),
    spaces.Discrete(5),
    spaces.Dict(a=spaces.MultiBinary(3), b=spaces.Tuple([spaces.Discrete(2), VECTOR])),
]
ACTIONS = [
    spaces.Discrete(3, start=-1),
    spaces.MultiDiscrete([2, 3]),
    spaces.MultiBinary((2, 2)),
    spaces.Box(-2, 2, (2, 3)),
    spaces.Box(np.array([0, -1]), np.array([1, 5]), dtype=np.float64),
    spaces.Dict(steer=spaces.Box(-1, 1, (1,)), gear=spaces.Discrete(4)),
]
SMALL = (16, {"pi": [8], "vf": [8]})


def make(observations=VECTOR, actions=ACTIONS[0], net_arch=SMALL, **settings):
    torch.manual_seed(0)
    return ActorCritic(observations, actions, net_arch=net_arch, **settings)


def row(batch, i):
    return {key: part[i] for key, part in batch.items()} if isinstance(batch, dict) else batch[i]


def assert_all_close(one, other):
    if isinstance(one, dict):
        for key in one:
            assert_all_close(one[key], other[key])
    else:
        assert torch.allclose(one, other, atol=1e-5)


@pytest.mark.parametrize("observations", OBSERVATIONS, ids=str)
@pytest.mark.parametrize("actions", ACTIONS, ids=str)
def test_acting_and_evaluating_agree(observations, actions):
    network = make(observations, actions)
    x = batch_space(observations, 5).sample()
    chosen = network.act(x, generator=torch.Generator().manual_seed(1))
    evaluated = network.evaluate_actions(x, chosen.action)
    assert chosen.log_prob.shape == chosen.value.shape == evaluated.entropy.shape == (5,)
    assert torch.allclose(chosen.log_prob, evaluated.log_prob, atol=1e-5)
    assert torch.allclose(chosen.value, evaluated.value, atol=1e-6)
    assert torch.allclose(network.get_value(x), evaluated.value, atol=1e-6)
    assert not chosen.value.requires_grad
    (evaluated.log_prob.sum() + evaluated.entropy.sum() + evaluated.value.sum()).backward()
    missing = [name for name, weight in network.named_parameters() if weight.grad is None]
    assert missing == []


@pytest.mark.parametrize("actions", ACTIONS, ids=str)
def test_actions_for_the_environment_lie_in_its_space(actions):
    network = make(VECTOR, actions, log_std_init=2.0)
    batch = network.sample(np.random.default_rng(0).normal(size=(50, 4)))
    for action in iterate(batch_space(actions, 50), batch):
        assert actions.contains(action)
    single = network.sample(np.zeros(4))
    assert actions.contains(int(single) if isinstance(actions, spaces.Discrete) else single)


def test_box_actions_are_taken_at_the_scale_of_their_bounds():
    network = make(actions=spaces.Dict(rate=spaces.Box(0, 100, (1,)), turn=spaces.Box(-1, 1, (1,))))
    action = network.sample(np.zeros((2_000, 4)))
    assert action["rate"].mean() == pytest.approx(50, abs=4)
    assert action["rate"].std() > 30
    drawn = {"rate": torch.tensor([[0.4], [-3.0]]), "turn": torch.tensor([[0.4], [-3.0]])}
    taken = network.to_environment(drawn)
    assert taken["rate"].ravel().tolist() == pytest.approx([70, 0])
    assert taken["turn"].ravel().tolist() == pytest.approx([0.4, -1])
    plain = make(actions=spaces.Dict(rate=spaces.Box(-1, 1, (1,)), turn=spaces.Box(-1, 1, (1,))))
    assert list(network.state_dict()) == list(plain.state_dict())


@pytest.mark.parametrize("actions", ACTIONS, ids=str)
def test_one_observation_acts_as_in_a_batch(actions):
    network = make(VECTOR, actions)
    x = torch.randn(3, 4)
    batch = network.act(x, deterministic=True)
    alone = network.act(x[1], deterministic=True)
    assert alone.value.shape == alone.log_prob.shape == ()
    row = (
        {key: value[1] for key, value in batch.action.items()}
        if isinstance(batch.action, dict)
        else batch.action[1]
    )
    assert_all_close(alone.action, row)
    assert torch.allclose(alone.value, batch.value[1], atol=1e-6)


def test_masks_bind_acting_and_evaluating():
    network = make()
    x = torch.randn(40, 4)
    mask = np.tile([True, False, True], (40, 1))
    chosen = network.act(x, mask=mask)
    assert set(chosen.action.tolist()) <= {-1, 1}
    evaluated = network.evaluate_actions(x, chosen.action, mask)
    assert torch.allclose(chosen.log_prob, evaluated.log_prob, atol=1e-6)
    assert (network.act(x, deterministic=True, mask=mask).action != 0).all()


def test_the_same_generator_decides_the_same():
    network = make()
    x = torch.randn(40, 4)
    draws = [network.act(x, generator=torch.Generator().manual_seed(s)).action.tolist() for s in (3, 3, 4)]
    assert draws[0] == draws[1] != draws[2]


def test_forward_gives_logits_and_values():
    logits, value = make()(torch.zeros(2, 3, 4))
    assert logits.shape == (2, 3, 3)
    assert value.shape == (2, 3)


# --- net_arch


@pytest.mark.parametrize(
    ("net_arch", "sizes"),
    [
        ([], ([], [], [])),
        ([64, 32], ([64, 32], [], [])),
        ({"pi": [8], "vf": [9, 9]}, ([], [8], [9, 9])),
        ([256, 128, {"vf": [64], "pi": [32, 16]}], ([256, 128], [32, 16], [64])),
        ([5, {"pi": [3]}], ([5], [3], [])),
    ],
)
def test_net_arch(net_arch, sizes):
    assert read_net_arch(net_arch) == sizes
    network = make(net_arch=net_arch)
    assert network.policy_head.in_features == [4, *sizes[0], *sizes[1]][-1]
    assert network.value_head.in_features == [4, *sizes[0], *sizes[2]][-1]


def test_separate_trunks_share_nothing():
    network = make(net_arch={"pi": [8], "vf": [8]})
    network(torch.zeros(1, 4))[1].sum().backward()
    grads = {name: weight.grad is not None for name, weight in network.named_parameters()}
    assert {name.split(".")[0] for name, has in grads.items() if has} == {"critic", "value_head"}


@pytest.mark.parametrize("net_arch", [[{"pi": [2]}, 3], [2.5], ["64"], {"policy": [3]}, [[64]]])
def test_net_arch_that_cannot_be_read(net_arch):
    with pytest.raises(ConfigError, match="net_arch="):
        make(net_arch=net_arch)


# --- what it is made of


def extractor(space=VECTOR, *blocks):
    net = Net("eyes")
    net.add_block(InputBlock(space))
    for block in blocks:
        net.add_block(block)
    net.compile()
    return net


def test_a_features_extractor_of_ones_own_learns_unless_told_not_to():
    for learns in (True, False):
        network = make(
            features_extractor=extractor(VECTOR, LinearBlock(hidden_size=[6])),
            train_features_extractor=learns,
        )
        assert all(p.requires_grad is learns for p in network.features_extractor.parameters())
        assert network.shared.input_size == 6


def test_a_features_extractor_from_a_file(tmp_path):
    net = extractor(VECTOR, LinearBlock(hidden_size=[6]))
    net.save(tmp_path / "eyes.safetensors")
    network = make(features_extractor_file=tmp_path / "eyes.safetensors", orthogonal_init=False)
    x = torch.randn(2, 4)
    assert torch.equal(network.features_extractor(x), net(x))


def test_images_are_seen_by_convolutions():
    blocks = make(OBSERVATIONS[1]).features_extractor.blocks.values()
    assert any(isinstance(block, ConvBlock) for block in blocks)


def test_features_extractors_that_do_not_fit():
    with pytest.raises(ShapeError, match="Make its InputBlock for that space"):
        make(features_extractor=extractor(spaces.Box(0, 1, (5,)), OutputBlock(num_classes=2)))


def test_an_action_attribute_and_spaces_that_do_not_suit():
    assert make(actions=ActionAttribute("move", DiscreteType(5))).policy_head.out_features == 5
    with pytest.raises(SpaceError, match="no policy"):
        make(actions=spaces.Text(3))
    with pytest.raises(SpaceError, match="cannot take"):
        make(observations=spaces.Text(3))


def test_every_activation_is_in_effect():
    network = make(activation_fnc="tanh", actor_activation_fnc="elu", critic_activation_fnc=torch.nn.GELU)
    kinds = [type(part.layers[1]).__name__ for part in (network.shared, network.actor, network.critic)]
    assert kinds == ["Tanh", "ELU", "GELU"]


def test_it_starts_almost_indifferent():
    network = make(actions=spaces.Discrete(6), net_arch=[64, 64])
    probabilities = network(torch.randn(100, 4))[0].softmax(-1)
    assert (probabilities - 1 / 6).abs().max() < 0.02


@pytest.mark.parametrize("actions", ACTIONS, ids=str)
def test_copies_and_files_give_the_same(actions, tmp_path):
    network = make(
        OBSERVATIONS[3], actions, activation_fnc=torch.nn.LeakyReLU(0.3), train_features_extractor=False
    )
    network.save(tmp_path / "policy.safetensors")
    x = batch_space(OBSERVATIONS[3], 4).sample()
    for twin in (network.copy(), ActorCritic.load(tmp_path / "policy.safetensors")):
        for ours, theirs in zip(network(x), twin(x), strict=True):
            assert torch.equal(ours, theirs)
        action = network.act(x, True).action
        assert_all_close(twin.act(x, True).action, action)
        np.testing.assert_equal(twin.to_environment(action), network.to_environment(action))
    with pytest.raises(NetFileError, match="'actor_critic', not a 'net'"):
        Net.load(tmp_path / "policy.safetensors")


def test_the_dtype_follows():
    network = make().to(torch.float64)
    assert network.act(np.zeros(4)).value.dtype == torch.float64
