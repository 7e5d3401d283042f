"""The gradient of deep Q-learning's loss for plain networks, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_train.backends.derivatives import Probe
from csai_train.backends.numpy_layers import NumpyLayers
from csai_train.backends.numpy_losses import Floats, huber
from csai_train.buffers.replay import Transitions


def q_gradient(
    q_network: NumpyLayers,
    target_network: NumpyLayers,
    batch: Transitions,
    *,
    gamma: float,
    double: bool = False,
) -> tuple[float, tuple[Floats, Floats]]:
    """What `q_loss` gives; its gradient is written where the network's parameters keep it."""
    rows = np.arange(len(batch.action))
    next_values = target_network(batch.next_observation)
    judged_by = q_network(batch.next_observation) if double else next_values
    best = allowed(judged_by, batch.next_action_mask).argmax(axis=1)
    target = next_values[rows, best]
    target *= np.float32(gamma) ** batch.num_steps
    target[batch.terminated] = 0
    target += batch.reward
    values = q_network.forward(batch.observation)
    value = values[rows, batch.action]
    loss, to_value = huber(value, target, batch.weight)
    gradient = np.zeros(values.shape, np.float32)
    gradient[rows, batch.action] = to_value
    q_network.backward(gradient)
    target -= value
    return loss, (value, target)


def q_probes(batch: Transitions, settings: Mapping[str, Any]) -> Iterator[Probe]:
    """The batch, and one that ended otherwise."""
    yield Probe(batch, settings)
    yield Probe(otherwise_ended(batch), settings)


def otherwise_ended(batch: Transitions) -> Transitions:
    """With other rewards, ends and weights, so that all that a loss does with these takes part."""
    noise = np.random.default_rng(0)
    size = len(batch.reward)
    weight = None if batch.weight is None else noise.uniform(0.2, 1.0, size).astype(np.float32)
    return batch._replace(
        reward=batch.reward + noise.normal(0, 3, size).astype(np.float32),
        terminated=noise.random(size) < 0.5,
        weight=weight,
    )


def allowed(values: Floats, action_mask: NDArray[np.int8] | None) -> Floats:
    """Values of which those of forbidden actions are lower than any other: (batch, num_actions)."""
    return values if action_mask is None else np.where(action_mask, values, np.finfo(np.float32).min)
