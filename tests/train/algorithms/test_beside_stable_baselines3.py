"""Updates of SAC and TD3 are those of Stable-Baselines3, weight for weight, to rounding."""

from types import SimpleNamespace

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium import spaces

from csai_train.algorithms.sac import SACConfig, SoftActorCritic
from csai_train.algorithms.td3 import TD3Config, TwinDelayedPolicyGradient
from csai_train.buffers.replay import Transitions

stable_baselines3 = pytest.importorskip("stable_baselines3")

SIZE, RATE = 32, 1e-3
SEEN, MOVES = spaces.Box(-9, 9, (3,)), spaces.Box(-1, 1, (2,))
OURS = {"sac": (SoftActorCritic, SACConfig), "td3": (TwinDelayedPolicyGradient, TD3Config)}


class World(gymnasium.Env):
    """Is never played."""

    observation_space, action_space = SEEN, MOVES


class Drawn:
    """Gives the noise that it is told to, in order."""

    def __init__(self, noise):
        self.noise = noise

    def standard_normal(self, shape, dtype):
        assert self.noise[0].shape == tuple(shape)
        return self.noise.pop(0).astype(dtype)


def batch(random):
    def normal(*shape):
        return random.normal(size=shape).astype(np.float32)

    return Transitions(
        observation=normal(SIZE, 3),
        action=np.tanh(normal(SIZE, 2)),
        reward=normal(SIZE),
        next_observation=normal(SIZE, 3),
        terminated=random.random(SIZE) < 0.3,
        truncated=np.zeros(SIZE, dtype=np.bool_),
    )


def as_theirs(drawn):
    return SimpleNamespace(
        observations=torch.from_numpy(drawn.observation),
        actions=torch.from_numpy(drawn.action),
        next_observations=torch.from_numpy(drawn.next_observation),
        dones=torch.from_numpy(drawn.terminated.astype(np.float32))[:, None],
        rewards=torch.from_numpy(drawn.reward)[:, None],
        discounts=None,
    )


def given(value):
    return lambda *_, **__: value


def linear(module):
    layers = (each for each in module.modules() if isinstance(each, torch.nn.Linear))
    return [parameter for layer in layers for parameter in (layer.weight, layer.bias)]


def actor_of(theirs):
    """The parameters of their policy in the order of ours, which ends in one layer for both numbers."""
    if isinstance(theirs, stable_baselines3.TD3):
        return linear(theirs.actor.mu)
    ends = theirs.actor.mu, theirs.actor.log_std
    joined = [torch.cat([getattr(end, name) for end in ends]) for name in ("weight", "bias")]
    return [*linear(theirs.actor.latent_pi), *joined]


def noise_of(name, seed):
    """What they draw in an update that begins with this seed, in the order in which we do."""
    torch.manual_seed(seed)
    if name == "td3":
        return [torch.zeros(SIZE, 2).normal_().numpy()]
    zeros, ones = torch.zeros(SIZE, 2), torch.ones(SIZE, 2)
    now, afterwards = (torch.normal(zeros, ones).numpy() for _ in range(2))
    return [afterwards, now]


def take_over(ours, theirs):
    with torch.no_grad():
        for parameter, value in zip(ours.parameters(), theirs, strict=True):
            parameter.copy_(value)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("backend", ["numpy", "torch"])
@pytest.mark.parametrize("name", OURS)
def test_six_updates_lead_to_the_same_weights(name, backend, monkeypatch):
    theirs = getattr(stable_baselines3, name.upper())(
        "MlpPolicy", World(), learning_rate=RATE, policy_kwargs={"net_arch": [16, 16]}, device="cpu", seed=0
    )
    theirs.set_logger(stable_baselines3.common.logger.configure(None, []))
    make, config = OURS[name]
    settings = config(learning_rate=RATE, hidden_sizes=(16, 16))
    ours = make(SEEN, MOVES, settings, total_steps=100, seed=0, backend=backend)
    take_over(ours.actor, actor_of(theirs))
    take_over(ours.critic, linear(theirs.critic))
    ours.policy.follow(1.0)
    ours.critics.follow(1.0)
    random = np.random.default_rng(0)
    for number in range(6):
        drawn = batch(random)
        monkeypatch.setattr(theirs.replay_buffer, "sample", given(as_theirs(drawn)))
        ours.random = Drawn(noise_of(name, number))
        torch.manual_seed(number)
        theirs.train(1, SIZE)
        ours.update(drawn)
    for network, expected in ((ours.actor, actor_of(theirs)), (ours.critic, linear(theirs.critic))):
        for parameter, value in zip(network.parameters(), expected, strict=True):
            torch.testing.assert_close(parameter, value, rtol=0, atol=3e-5)
    if name == "sac":
        assert ours.alpha == pytest.approx(theirs.log_ent_coef.exp().item(), rel=1e-5)
