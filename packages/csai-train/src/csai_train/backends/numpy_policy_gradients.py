"""The gradients of the policy gradient methods' losses for plain networks, worked out by hand.

Each is what autograd makes of the function that it is registered for, in a fraction of the time. It gives
what that function gives, and writes the gradient where the network's parameters keep it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_train.backends.derivatives import Probe
from csai_train.backends.numpy_actor_critic import NumpyActorCritic
from csai_train.backends.numpy_distributions import Distribution, Floats
from csai_train.backends.numpy_losses import (
    approximate_kl,
    clip_fraction,
    clipped_surrogate,
    normalized,
    policy_gradient,
    value_loss,
)
from csai_train.buffers.experience import RolloutBatch

Measured = NDArray[np.float64]
Settings = Mapping[str, Any]

_SOME = 64
"""Few enough that a mean over one step less would show."""
_ALONE = (
    {"value_coef": 0.0, "entropy_coef": 0.0},
    {"value_coef": 1.0, "entropy_coef": 0.0},
    {"value_coef": 0.0, "entropy_coef": 1.0},
)
"""Settings in which the policy's loss stands alone, and in which values and entropy weigh as much as it."""


def ppo_gradient(
    net: NumpyActorCritic,
    batch: RolloutBatch,
    *,
    clip_range: float,
    value_clip_range: float | None,
    value_coef: float,
    entropy_coef: float,
    normalize_advantage: bool,
    epsilon: float = 1e-8,
) -> tuple[float, Measured]:
    """That of `ppo_loss`."""
    policy, value = net.forward(batch.observation, batch.action_mask)
    log_prob = policy.log_prob(batch.action)
    advantage = normalized(batch.advantage, epsilon) if normalize_advantage else batch.advantage
    surrogate, to_log_prob = clipped_surrogate(log_prob, batch.log_prob, advantage, clip_range=clip_range)
    values, to_value = value_loss(value, batch.returns, batch.value, clip_range=value_clip_range)
    entropy = _backward(net, policy, batch.action, to_log_prob, to_value, value_coef, entropy_coef)
    loss = surrogate + value_coef * values - entropy_coef * entropy
    kl = approximate_kl(log_prob, batch.log_prob)
    clipped = clip_fraction(log_prob, batch.log_prob, clip_range=clip_range)
    return loss, np.array([surrogate, values, entropy, kl, clipped])


def ppo_probes(batch: RolloutBatch, settings: Settings) -> Iterator[Probe]:
    """The batch, and some of its steps as if policy and values had moved far since, so that clipping counts.

    On these the policy, the values and the entropy count alone in turn: none can hide behind another.
    """
    yield Probe(batch, settings)
    noise = np.random.default_rng(0)
    some = batch.take(slice(0, _SOME))
    size = len(some)
    moved = replace(
        some,
        log_prob=some.log_prob + noise.normal(0, 0.5, size).astype(np.float32),
        value=some.value + noise.normal(0, 0.5, size).astype(np.float32),
        advantage=some.advantage + noise.normal(0, 1, size).astype(np.float32),
    )
    for alone in _ALONE:
        yield Probe(moved, {**settings, **alone})


def a2c_gradient(
    net: NumpyActorCritic,
    batch: RolloutBatch,
    *,
    value_coef: float,
    entropy_coef: float,
    normalize_advantage: bool,
) -> tuple[float, Measured]:
    """That of `a2c_loss`."""
    policy, value = net.forward(batch.observation, batch.action_mask)
    advantage = normalized(batch.advantage) if normalize_advantage else batch.advantage
    return _gradient(net, policy, batch, advantage, value, value_coef, entropy_coef)


def reinforce_gradient(
    net: NumpyActorCritic,
    batch: RolloutBatch,
    *,
    value_coef: float,
    entropy_coef: float,
    normalize_advantage: bool,
) -> tuple[float, Measured]:
    """That of `reinforce_loss`."""
    policy, value = net.forward(batch.observation, batch.action_mask)
    advantage = batch.returns - value
    if normalize_advantage:
        advantage = normalized(advantage)
    return _gradient(net, policy, batch, advantage, value, value_coef, entropy_coef)


def policy_gradient_probes(batch: RolloutBatch, settings: Settings) -> Iterator[Probe]:
    """The batch, and some steps of it with other advantages and returns, in case these are all alike.

    On these the policy, the values and the entropy count alone in turn: none can hide behind another.
    """
    yield Probe(batch, settings)
    some = batch.take(slice(0, _SOME))
    noise = np.random.default_rng(0).normal(0, 1, (2, len(some))).astype(np.float32)
    advantage = None if some.advantage is None else some.advantage + noise[0]
    for alone in _ALONE:
        moved = replace(some, advantage=advantage, returns=some.returns + noise[1])
        yield Probe(moved, {**settings, **alone})


def _gradient(
    net: NumpyActorCritic,
    policy: Distribution,
    batch: RolloutBatch,
    advantage: Floats,
    value: Floats,
    value_coef: float,
    entropy_coef: float,
) -> tuple[float, Measured]:
    """That of policy gradient + value_coef * value loss - entropy_coef * entropy."""
    gain, to_log_prob = policy_gradient(policy.log_prob(batch.action), advantage)
    values, to_value = value_loss(value, batch.returns, value)
    entropy = _backward(net, policy, batch.action, to_log_prob, to_value, value_coef, entropy_coef)
    return gain + value_coef * values - entropy_coef * entropy, np.array([gain, values, entropy])


def _backward(
    net: NumpyActorCritic,
    policy: Distribution,
    action: NDArray[np.generic],
    to_log_prob: Floats,
    to_value: Floats,
    value_coef: float,
    entropy_coef: float,
) -> float:
    """Go backwards from log-probabilities, values and the mean entropy; the mean entropy."""
    count = len(to_value)
    to_outputs, to_log_std = policy.gradient(action, log_prob=to_log_prob, entropy=-entropy_coef / count)
    net.backward(to_outputs, to_log_std, to_value * np.float32(value_coef))
    return float(policy.entropy.sum() / count)
