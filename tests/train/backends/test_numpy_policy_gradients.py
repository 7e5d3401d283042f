"""Each derivative by hand is autograd's of the loss that it is registered for, for every action space."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_core import trees
from csai_neural import ActorCritic
from csai_train.algorithms.a2c import a2c_loss
from csai_train.algorithms.ppo import ppo_loss
from csai_train.algorithms.reinforce import reinforce_loss
from csai_train.backends.derivatives import DERIVATIVES
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_actor_critic import actor_critic_in_numpy
from csai_train.backends.torch import as_tensors
from csai_train.buffers.experience import RolloutBatch

COMMON = {"value_coef": 0.5, "entropy_coef": 0.01, "normalize_advantage": True}
SETTINGS = {
    ppo_loss: {"clip_range": 0.2, "value_clip_range": None, **COMMON},
    a2c_loss: COMMON,
    reinforce_loss: COMMON,
}
ACTIONS = {
    "discrete": spaces.Discrete(3),
    "multi_discrete": spaces.MultiDiscrete([2, 3]),
    "multi_binary": spaces.MultiBinary(3),
    "box": spaces.Box(-1, 1, (2,)),
    "dict": spaces.Dict(a=spaces.Discrete(2), b=spaces.Box(-1, 1, (2,))),
}


def experience(action_space, size, mask=None):
    random = np.random.default_rng(size)

    def normal(*shape):
        return random.normal(size=shape).astype(np.float32)

    action_space.seed(size)
    action = trees.stack(action_space, [action_space.sample() for _ in range(size)])
    return RolloutBatch(
        observation=normal(size, 5),
        action=np.zeros(size, dtype=np.int64) if mask is not None else action,
        action_mask=mask,
        log_prob=-1.1 + 0.2 * normal(size),
        value=normal(size),
        advantage=normal(size),
        returns=normal(size),
    )


def assert_same(loss, action_space, batch, settings, net_arch, **gaussian):
    torch.manual_seed(0)
    net = ActorCritic(
        spaces.Box(-1, 1, (5,)), action_space, net_arch=net_arch, activation_fnc="tanh", **gaussian
    )
    parameters = FlatParameters(net)
    value, measured = loss(net, as_tensors(batch, torch.device("cpu")), **settings)
    parameters.differentiate(value)
    expected = parameters.gradients.clone()
    parameters.gradients.fill_(7.0)
    by_hand = DERIVATIVES[loss].by_hand
    value_by_hand, measured_by_hand = by_hand(actor_critic_in_numpy(net), batch, **settings)
    assert value_by_hand == pytest.approx(value.item(), rel=1e-4, abs=1e-6)
    assert measured_by_hand == pytest.approx(measured.numpy(), rel=1e-4, abs=1e-5)
    torch.testing.assert_close(parameters.gradients, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("loss", SETTINGS)
@pytest.mark.parametrize("kind", ACTIONS)
@pytest.mark.parametrize("net_arch", [[{"pi": (64, 64), "vf": (64, 64)}], [16, {"pi": (8,), "vf": (8,)}]])
@pytest.mark.parametrize("size", [1, 256])
def test_every_loss_for_every_action_space(loss, kind, net_arch, size):
    assert_same(loss, ACTIONS[kind], experience(ACTIONS[kind], size), SETTINGS[loss], net_arch)


@pytest.mark.parametrize("loss", SETTINGS)
@pytest.mark.parametrize("kind", ["box", "dict"])
def test_deviations_that_the_network_gives(loss, kind):
    gaussian = {"state_dependent_std": True, "log_std_init": -0.7, "squash": True}
    assert_same(loss, ACTIONS[kind], experience(ACTIONS[kind], 256), SETTINGS[loss], [16, 16], **gaussian)


@pytest.mark.parametrize("loss", SETTINGS)
def test_masked_actions(loss):
    mask = np.tile(np.array([1, 0, 1], dtype=np.int8), (256, 1))
    assert_same(
        loss, ACTIONS["discrete"], experience(ACTIONS["discrete"], 256, mask), SETTINGS[loss], [16, 16]
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"value_clip_range": 0.3},
        {"normalize_advantage": False},
        {"clip_range": 0.01, "entropy_coef": 0.0, "value_coef": 2.0},
    ],
)
def test_every_setting_of_ppo(changes):
    batch = experience(ACTIONS["discrete"], 256)
    assert_same(ppo_loss, ACTIONS["discrete"], batch, {**SETTINGS[ppo_loss], **changes}, [16, 16])


@pytest.mark.parametrize("loss", SETTINGS)
def test_probes_let_every_part_of_the_loss_count_alone(loss):
    """Where nothing has moved yet, clipping does nothing, and the values' errors drown all else."""
    batch = experience(ACTIONS["discrete"], 256)
    as_it_is, *others = DERIVATIVES[loss].probes(batch, SETTINGS[loss])
    assert as_it_is.batch is batch
    assert as_it_is.settings == SETTINGS[loss]
    coefficients = [(each.settings["value_coef"], each.settings["entropy_coef"]) for each in others]
    assert coefficients == [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0)]
    for probe in others:
        assert len(probe.batch) == 64
        assert not np.array_equal(probe.batch.advantage, batch.advantage[:64])
