"""Weights as a whole: soft updates, freezing, orthogonal starts."""

import pytest
import torch
from gymnasium import spaces

from csai_core.errors import ConfigError, UnknownNameError
from csai_neural import ConvBlock, InputBlock, LinearBlock, Net, NormBlock, OutputBlock
from csai_neural.errors import StructureError
from csai_neural.initialization import orthogonal
from csai_neural.weights import soft_update


def make_net(hidden=(8,)):
    net = Net()
    net.add_block(InputBlock(spaces.Box(0, 1, (1, 6, 6))))
    for block in (
        ConvBlock(depth=1),
        NormBlock("batch"),
        LinearBlock(hidden_size=list(hidden)),
        OutputBlock(num_classes=2),
    ):
        net.add_block(block)
    net.compile()
    return net


def weights(net):
    return [parameter.detach().clone() for parameter in net.parameters()]


@pytest.mark.parametrize("tau", [0.0, 0.25, 1.0])
def test_soft_update_by_hand(tau):
    net, other = make_net(), make_net()
    before, goal = weights(net), weights(other)
    net.soft_update(other, tau)
    for old, new, target in zip(before, net.parameters(), goal, strict=True):
        assert torch.allclose(new, (1 - tau) * old + tau * target)
    assert all(torch.equal(a, b) for a, b in zip(weights(other), goal, strict=True))


def test_soft_update_copies_averages():
    net, other = make_net(), make_net()
    other(torch.rand(9, 1, 6, 6))
    soft_update(net, other, 0.1)
    assert torch.equal(net.blocks["norm"].norm.running_mean, other.blocks["norm"].norm.running_mean)
    assert net.blocks["norm"].norm.num_batches_tracked == 1


def test_soft_updates_that_cannot_work():
    with pytest.raises(ConfigError, match=r"tau=1\.5"):
        make_net().soft_update(make_net(), 1.5)
    with pytest.raises(StructureError, match="same structure"):
        make_net().soft_update(make_net((9,)), 0.5)


def test_frozen_blocks_do_not_learn():
    net = make_net()
    net.freeze("conv*", "norm")
    learning = {name.split(".")[1] for name, p in net.named_parameters() if p.requires_grad}
    assert learning == {"linear", "output"}
    assert "(80 frozen)" in str(net.summary())
    net.unfreeze("conv")
    assert net.blocks["conv"].layers[0].weight.requires_grad
    net.freeze()
    assert not any(p.requires_grad for p in net.parameters())


def test_a_file_remembers_what_is_frozen(tmp_path):
    net = make_net()
    net.freeze("conv")
    net.save(tmp_path / "net.safetensors")
    loaded = Net.load(tmp_path / "net.safetensors")
    assert [p.requires_grad for p in loaded.parameters()] == [p.requires_grad for p in net.parameters()]


def test_a_pattern_that_matches_no_block():
    with pytest.raises(UnknownNameError, match="Did you mean 'conv'"):
        make_net().freeze("convv")


def test_orthogonal_weights_are_orthogonal():
    net = make_net((36, 36))
    orthogonal(net, gain=2.0, generator=torch.Generator().manual_seed(1))
    weight = net.blocks["linear"].layers[2].weight
    assert torch.allclose(weight @ weight.T, 4.0 * torch.eye(36), atol=1e-4)
    filters = net.blocks["conv"].layers[0].weight.flatten(1)
    assert torch.allclose(filters @ filters.T, 4.0 * torch.eye(8), atol=1e-4)
    assert (net.blocks["linear"].layers[2].bias == 0).all()


def test_the_same_generator_gives_the_same_weights():
    nets = [make_net(), make_net()]
    for net in nets:
        orthogonal(net, generator=torch.Generator().manual_seed(5))
    first, second = (net.blocks["output"].layers[0].weight for net in nets)
    assert torch.equal(first, second)
