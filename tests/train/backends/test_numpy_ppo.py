"""PPO's gradient by hand is that of `ppo_loss` and autograd."""

import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_neural import ActorCritic
from csai_train.algorithms.ppo import Experience, ppo_loss
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_actor_critic import actor_critic_in_numpy
from csai_train.backends.numpy_ppo import ppo_gradient

SETTINGS = {
    "clip_range": 0.2,
    "value_clip_range": None,
    "value_coef": 0.5,
    "entropy_coef": 0.01,
    "normalize_advantage": True,
}


def experience(size, mask=None):
    generator = torch.Generator().manual_seed(size)

    def normal():
        return torch.randn(size, generator=generator)

    return Experience(
        observation=torch.randn(size, 5, generator=generator),
        action=torch.zeros(size, dtype=torch.int64) if mask is not None else torch.arange(size) % 3,
        action_mask=mask,
        log_prob=-1.1 + 0.2 * normal(),
        value=normal(),
        advantage=normal(),
        returns=normal(),
    )


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"value_clip_range": 0.3},
        {"normalize_advantage": False},
        {"clip_range": 0.01, "entropy_coef": 0.0, "value_coef": 2.0},
    ],
)
@pytest.mark.parametrize("net_arch", [[{"pi": (64, 64), "vf": (64, 64)}], [16, {"pi": (8,), "vf": (8,)}]])
@pytest.mark.parametrize("size", [1, 256])
@pytest.mark.parametrize("masked", [False, True])
def test_loss_measurements_and_gradient_are_the_same(changes, net_arch, size, masked):
    torch.manual_seed(0)
    net = ActorCritic(spaces.Box(-1, 1, (5,)), spaces.Discrete(3), net_arch=net_arch, activation_fnc="tanh")
    parameters = FlatParameters(net)
    mask = torch.tensor([True, False, True]).repeat(size, 1) if masked else None
    batch, settings = experience(size, mask), {**SETTINGS, **changes}
    loss, measured = ppo_loss(net, batch, **settings)
    parameters.differentiate(loss, max_norm=np.inf)
    expected = parameters.gradients.clone()
    parameters.gradients.fill_(7.0)
    loss_by_hand, measured_by_hand = ppo_gradient(actor_critic_in_numpy(net), batch, **settings)
    assert loss_by_hand == pytest.approx(loss.item(), rel=1e-5)
    assert measured_by_hand == pytest.approx(measured.tolist(), rel=1e-4, abs=1e-6)
    torch.testing.assert_close(parameters.gradients, expected, rtol=1e-4, atol=1e-6)
