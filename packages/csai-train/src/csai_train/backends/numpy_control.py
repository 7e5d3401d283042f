"""The gradients of SAC's and TD3's losses for plain networks, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from csai_train.backends.derivatives import Probe
from csai_train.backends.numpy_dqn import otherwise_ended
from csai_train.backends.numpy_layers import Floats, NumpyLayers
from csai_train.backends.numpy_squashed import SquashedNormal
from csai_train.backends.numpy_twin_critic import NumpyTwinCritic
from csai_train.buffers.replay import Transitions

_FARTHER = 0.1, 1.0, 10.0
"""With weights moved so far, a network gives large outputs whatever it observes."""


def sac_critic_gradient(
    critic: NumpyTwinCritic,
    target: NumpyTwinCritic,
    batch: tuple[Transitions, Floats, Floats],
    *,
    alpha: float,
    gamma: float,
) -> tuple[float, tuple[Floats, Floats]]:
    """What `sac_critic_loss` gives; its gradient is written where the critic's parameters keep it."""
    seen, next_action, next_log_prob = batch
    next_value = target(seen.next_observation, next_action).min(axis=0)
    next_value -= np.float32(alpha) * next_log_prob
    goal = _td_target(seen, next_value, gamma)
    return _pulled_toward(critic, goal, seen)


def sac_actor_gradient(
    actor: NumpyLayers, critic: NumpyTwinCritic, batch: tuple[Any, Floats], *, alpha: float
) -> tuple[float, Floats]:
    """What `sac_actor_loss` gives; its gradient is written where the actor's parameters keep it."""
    observation, noise = batch
    policy = SquashedNormal(actor.forward(observation))
    action, log_prob = policy.squashed(noise)
    values = critic.forward(observation, action)
    count = np.float32(len(noise))
    is_lower = values[0] <= values[1]
    to_action = critic.gradient_of_chosen(is_lower) / -count
    actor.backward(policy.backward(noise, action, to_action, np.float32(alpha) / count))
    lower = np.where(is_lower, values[0], values[1])
    return float((np.float32(alpha) * log_prob - lower).sum() / count), log_prob


def td3_critic_gradient(
    critic: NumpyTwinCritic, target: NumpyTwinCritic, batch: tuple[Transitions, Floats], *, gamma: float
) -> tuple[float, tuple[Floats, Floats]]:
    """What `td3_critic_loss` gives; its gradient is written where the critic's parameters keep it."""
    seen, next_action = batch
    goal = _td_target(seen, target(seen.next_observation, next_action).min(axis=0), gamma)
    return _pulled_toward(critic, goal, seen)


def td3_actor_gradient(
    actor: NumpyLayers, target: NumpyLayers, critic: NumpyTwinCritic, observation: Any
) -> tuple[float, Floats]:
    """What `td3_actor_loss` gives; its gradient is written where the actor's parameters keep it."""
    action: Floats = np.tanh(actor.forward(observation))
    value = critic.forward(observation, action)[0]
    count = np.float32(len(value))
    to_action = critic.gradient_of_chosen(np.ones(len(value), np.bool_)) / -count
    actor.backward(to_action * (1 - action * action))
    return -float(value.sum() / count), value


def critic_probes(
    batch: tuple[Transitions, *tuple[Floats, ...]], settings: Mapping[str, Any]
) -> Iterator[Probe]:
    """The batch, and one that ended otherwise."""
    yield Probe(batch, settings)
    yield Probe((otherwise_ended(batch[0]), *batch[1:]), settings)


def sac_actor_probes(batch: tuple[Any, Floats], settings: Mapping[str, Any]) -> Iterator[Probe]:
    """The batch, with weights of which some take deviations to their limits and none to infinity."""
    for distance in _FARTHER:
        yield Probe(batch, settings, distance)


def same_batch(batch: Any, settings: Mapping[str, Any]) -> Iterator[Probe]:
    """The batch alone: weights that differ let every part of the loss take part."""
    yield Probe(batch, settings)


def _td_target(seen: Transitions, next_value: Floats, gamma: float) -> Floats:
    """`losses.td_target`; next_value is written over."""
    next_value *= np.float32(gamma) ** seen.num_steps
    next_value[seen.terminated] = 0
    next_value += seen.reward
    return next_value


def _pulled_toward(
    critic: NumpyTwinCritic, goal: Floats, seen: Transitions
) -> tuple[float, tuple[Floats, Floats]]:
    """Half the mean squared error of both critics, added up; what they said, and what that fell short of."""
    share = np.float32(1 / len(goal)) if seen.weight is None else seen.weight / np.float32(len(goal))
    values, gradients = critic.learn(seen.observation, seen.action, lambda value: (value - goal) * share)
    loss = 0.5 * float(np.vdot(gradients, values - goal))
    value = values.sum(axis=0) / np.float32(2)
    return loss, (value, goal - value)
