"""The losses of `losses.py` with their gradients worked out by hand: pure functions of numpy arrays.

For a batch of a few hundred numbers the arithmetic takes microseconds, and letting torch find the gradient
many times that. Each function gives the loss and its gradient; the tests hold them against autograd.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def clipped_surrogate(
    log_prob: Floats, old_log_prob: Floats, advantage: Floats, *, clip_range: float
) -> tuple[float, Floats]:
    """`losses.clipped_surrogate`, and its gradient with respect to log_prob, (batch,).

    Where the ratio has moved far enough, the gradient is zero; elsewhere it is -ratio * A / batch.
    """
    ratio = np.exp(log_prob - old_log_prob)
    gain = ratio * advantage
    clipped = ratio.clip(1 - clip_range, 1 + clip_range) * advantage
    count = len(ratio)
    gradient: Floats = np.where(gain <= clipped, gain, np.float32(0))
    gradient /= -count
    return float(-np.minimum(gain, clipped).sum() / count), gradient


def value_loss(
    value: Floats, returns: Floats, old_value: Floats, *, clip_range: float | None = None
) -> tuple[float, Floats]:
    """`losses.value_loss`, and its gradient with respect to value, (batch,).

    It is (value - returns) / batch. Where the clipped error is the larger one, that counts, and moving
    the value further changes nothing.
    """
    error = value - returns
    gradient = error
    if clip_range is not None:
        moved = value - old_value
        clipped = old_value + moved.clip(-clip_range, clip_range) - returns
        is_clipped = np.abs(clipped) > np.abs(error)
        error = np.where(is_clipped, clipped, error)
        gradient = np.where(is_clipped & (np.abs(moved) > clip_range), np.float32(0), error)
    count = np.float32(len(value))
    return float(0.5 * np.vdot(error, error) / count), gradient / count


def approximate_kl(log_prob: Floats, old_log_prob: Floats) -> float:
    """`losses.approximate_kl`."""
    log_ratio = log_prob - old_log_prob
    return float((np.exp(log_ratio) - 1 - log_ratio).sum() / len(log_ratio))


def clip_fraction(log_prob: Floats, old_log_prob: Floats, *, clip_range: float) -> float:
    """`losses.clip_fraction`."""
    moved = np.abs(np.exp(log_prob - old_log_prob) - 1)
    return float(np.count_nonzero(moved > np.float32(clip_range)) / len(moved))


def policy_gradient(log_prob: Floats, advantage: Floats) -> tuple[float, Floats]:
    """`losses.policy_gradient`, and its gradient with respect to log_prob, (batch,): -A / batch."""
    count = len(log_prob)
    return float(-np.vdot(log_prob, advantage) / count), advantage / np.float32(-count)


def normalized(advantage: Floats, epsilon: float = 1e-8) -> Floats:
    """`losses.normalized`."""
    if len(advantage) < 2:
        return advantage
    centered = advantage - advantage.sum() / np.float32(len(advantage))
    deviation = np.sqrt(np.vdot(centered, centered) / (len(centered) - 1))
    result: Floats = centered / np.float32(deviation + epsilon)
    return result


def huber(value: Floats, target: Floats, weight: Floats | None = None) -> tuple[float, Floats]:
    """The mean Huber loss, and its gradient with respect to value, (batch,).

        loss = error^2 / 2 where |error| < 1, |error| - 1/2 elsewhere;  error = value - target

    Args:
        value: (batch,).
        target: (batch,).
        weight: (batch,), how much each counts; None counts all alike.
    """
    error = value - target
    slope: Floats = error.clip(-1, 1)
    distance = error - 0.5 * slope
    if weight is not None:
        slope *= weight
    count = len(value)
    loss = float(np.vdot(slope, distance) / count)
    slope /= count
    return loss, slope
