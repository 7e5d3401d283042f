"""The gradients of SAC and TD3 by hand are those of their losses and autograd."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_neural import InputBlock, LinearBlock, Net
from csai_neural.twin_critic import TwinCritic
from csai_train.algorithms import sac, td3
from csai_train.algorithms.networks import build_network
from csai_train.backends.derivatives import DERIVATIVES
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_layers import in_numpy
from csai_train.backends.numpy_squashed import SquashedNormal, is_draw_squashed
from csai_train.backends.numpy_twin_critic import twin_critic_in_numpy
from csai_train.backends.torch import as_tensors
from csai_train.buffers.replay import Transitions

SEEN = spaces.Box(-1, 1, (5,))
CPU = torch.device("cpu")
SIZE = 64
RANDOM = np.random.default_rng(0)


def normal(*shape):
    return RANDOM.normal(size=shape).astype(np.float32)


def transitions(**changes):
    return Transitions(
        observation=normal(SIZE, 5),
        action=np.tanh(normal(SIZE, 3)),
        reward=2 * normal(SIZE),
        next_observation=normal(SIZE, 5),
        terminated=RANDOM.random(SIZE) < 0.3,
        truncated=np.zeros(SIZE, dtype=np.bool_),
        num_steps=RANDOM.integers(1, 4, size=SIZE).astype(np.int16),
    )._replace(**changes)


def body():
    net = Net()
    net.add_block(InputBlock(SEEN))
    net.add_block(LinearBlock(hidden_size=[7]))
    net.compile()
    return net


def critics(with_body):
    return [TwinCritic(SEEN, 3, (32, 32), seed=seed, body=body() if with_body else None) for seed in (1, 2)]


def actor(num_outputs):
    """A policy far from even, so that deviations differ and some numbers are nearly at their bounds."""
    network = build_network(SEEN, num_outputs, (32, 32), seed=3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.mul_(3)
    return network


def agree(loss, networks, in_arrays, batch, **settings):
    parameters = FlatParameters(networks[0])
    value, measured = loss(*networks, as_tensors(batch, CPU), **settings)
    parameters.differentiate(value)
    expected = parameters.gradients.clone()
    parameters.gradients.fill_(7.0)
    by_hand, measured_by_hand = DERIVATIVES[loss].by_hand(
        *(make(network) for make, network in zip(in_arrays, networks, strict=True)), batch, **settings
    )
    assert by_hand == pytest.approx(value.item(), rel=1e-4, abs=1e-5)
    for one, other in zip(np.atleast_2d(measured_by_hand), np.atleast_2d(measured), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=2e-5)
    assert expected.abs().max() > 0
    torch.testing.assert_close(parameters.gradients, expected, rtol=1e-3, atol=2e-6)


def row(network):
    return in_numpy([network])


CHANGES = [
    {},
    {"weight": np.linspace(0.1, 1, SIZE, dtype=np.float32)},
    {"num_steps": 1},
    {"terminated": np.ones(SIZE, dtype=np.bool_)},
]


@pytest.mark.parametrize("with_body", [False, True])
@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_of_the_critics_of_sac(changes, with_body):
    batch = sac.Experience(transitions(**changes), np.tanh(normal(SIZE, 3)), normal(SIZE))
    agree(sac.sac_critic_loss, critics(with_body), [twin_critic_in_numpy] * 2, batch, alpha=0.3, gamma=0.9)


@pytest.mark.parametrize("with_body", [False, True])
@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_of_the_critics_of_td3(changes, with_body):
    batch = td3.Experience(transitions(**changes), np.tanh(normal(SIZE, 3)))
    agree(td3.td3_critic_loss, critics(with_body), [twin_critic_in_numpy] * 2, batch, gamma=0.9)


@pytest.mark.parametrize("with_body", [False, True])
def test_of_the_policy_of_sac(with_body):
    networks, batch = [actor(6), critics(with_body)[0]], (normal(SIZE, 5), normal(SIZE, 3))
    FlatParameters(networks[1])
    agree(sac.sac_actor_loss, networks, [row, twin_critic_in_numpy], batch, alpha=0.3)


@pytest.mark.parametrize("with_body", [False, True])
def test_of_the_policy_of_td3(with_body):
    networks = [actor(3), actor(3), critics(with_body)[0]]
    FlatParameters(networks[2])
    agree(td3.td3_actor_loss, networks, [row, row, twin_critic_in_numpy], normal(SIZE, 5))


def test_what_judges_learns_nothing_by_it():
    networks = [actor(6), critics(False)[0]]
    parameters = FlatParameters(networks[1])
    in_arrays = row(networks[0].copy()), twin_critic_in_numpy(networks[1])
    FlatParameters(networks[0]).differentiate(
        sac.sac_actor_loss(*networks, as_tensors((normal(SIZE, 5), normal(SIZE, 3)), CPU), alpha=0.1)[0]
    )
    in_arrays[1].forward(normal(SIZE, 5), normal(SIZE, 3))
    in_arrays[1].gradient_of_chosen(np.ones(SIZE, dtype=np.bool_))
    assert not parameters.gradients.any()


@pytest.mark.parametrize("shift", [0.0, 2.5, 20.0, -20.0])
def test_a_squashed_normal_is_that_of_torch(shift):
    """Far out, where tanh is 1 to the last digit, too."""
    outputs, noise = normal(SIZE, 6), normal(SIZE, 3)
    outputs[:, :3] += shift
    outputs[:, 3:] *= 0.5  # within the limits
    action, log_prob = SquashedNormal(outputs).squashed(noise)
    in_torch = sac.squashed(torch.from_numpy(outputs), torch.from_numpy(noise))
    np.testing.assert_allclose(action, in_torch[0], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(log_prob, in_torch[1], rtol=1e-4, atol=1e-4)
    mean, log_std = torch.from_numpy(outputs).double().chunk(2, dim=1)
    drawn = mean + log_std.exp() * torch.from_numpy(noise).double()
    base = torch.distributions.Normal(mean, log_std.exp())
    transform = torch.distributions.transforms.TanhTransform()
    expected = base.log_prob(drawn) - transform.log_abs_det_jacobian(drawn, drawn.tanh())
    np.testing.assert_allclose(log_prob, expected.sum(dim=1), rtol=1e-4, atol=1e-4)


def test_deviations_stay_within_limits():
    outputs = np.array([[0, 9], [0, -90]], np.float32)
    _, log_prob = SquashedNormal(outputs).squashed(np.zeros((2, 1), np.float32))
    expected = [-2 - 0.5 * np.log(2 * np.pi), 20 - 0.5 * np.log(2 * np.pi)]
    np.testing.assert_allclose(log_prob, expected, rtol=1e-5)


def test_draws_by_hand_are_those_of_the_file():
    assert is_draw_squashed(sac.squashed)


@pytest.mark.parametrize(
    "edited",
    [
        lambda outputs, noise: (0.9 * sac.squashed(outputs, noise)[0], sac.squashed(outputs, noise)[1]),
        lambda outputs, noise: (sac.squashed(outputs, noise)[0], 0.9 * sac.squashed(outputs, noise)[1]),
        lambda outputs, noise: sac.squashed(outputs.clamp(-5, 5), noise),
    ],
    ids=["actions", "log-probabilities", "limits"],
)
def test_draws_of_an_edited_file_are_not_those_by_hand(edited):
    assert not is_draw_squashed(edited)
