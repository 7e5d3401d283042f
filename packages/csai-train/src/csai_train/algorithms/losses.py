"""What algorithms minimize and aim at: pure functions of tensors."""

from __future__ import annotations

import torch
from torch import Tensor


def td_target(reward: Tensor, next_value: Tensor, terminated: Tensor, *, gamma: float | Tensor) -> Tensor:
    """What the value of an action should have been, one step later.

        target = reward + gamma * next_value    where the game goes on, or was only cut short
        target = reward                         where it terminated

    Args:
        reward: (batch,).
        next_value: (batch,), the value of what the action led to.
        terminated: (batch,), bool.
        gamma: discount; (batch,) where it differs, as when next_value lies several steps ahead.

    Returns:
        (batch,).

    Reference: Sutton and Barto 2018, section 6.1.
    """
    return reward + gamma * next_value * ~terminated


def value_of(values: Tensor, action: Tensor) -> Tensor:
    """The value of the action taken: from (batch, num_actions) and (batch,) to (batch,)."""
    return values.gather(1, action[:, None]).squeeze(1)


def clipped_surrogate(
    log_prob: Tensor, old_log_prob: Tensor, advantage: Tensor, *, clip_range: float
) -> Tensor:
    """PPO's policy loss: prefer good actions, but gain nothing by moving far from the old policy.

        ratio = exp(log_prob - old_log_prob)
        loss  = -mean(min(ratio * A, clip(ratio, 1 - clip_range, 1 + clip_range) * A))

    Args:
        log_prob: (batch,), of the actions under the policy as it is now.
        old_log_prob: (batch,), as it was when they were chosen.
        advantage: (batch,), how much better they were than expected.
        clip_range: how far the ratio may move before moving farther stops paying.

    Reference: Schulman et al. 2017, arXiv:1707.06347, equation 7.
    """
    ratio = (log_prob - old_log_prob).exp()
    clipped = ratio.clamp(1 - clip_range, 1 + clip_range)
    return -torch.min(ratio * advantage, clipped * advantage).mean()


def value_loss(
    value: Tensor, returns: Tensor, old_value: Tensor | None = None, *, clip_range: float | None = None
) -> Tensor:
    """Half the mean squared error of the values.

    Args:
        value: (batch,), the values as they are now.
        returns: (batch,), what they should be.
        old_value: (batch,), what they were when the actions were chosen; for clipping only.
        clip_range: how far a value may move in one update; None sets no limit.

    Reference: Schulman et al. 2017, arXiv:1707.06347, equation 9; clipping as in the authors' code.
    """
    error = (value - returns).square()
    if clip_range is not None and old_value is not None:
        clipped = old_value + (value - old_value).clamp(-clip_range, clip_range)
        error = torch.max(error, (clipped - returns).square())
    return 0.5 * error.mean()


def approximate_kl(log_prob: Tensor, old_log_prob: Tensor) -> Tensor:
    """How far the policy has moved: an estimate of KL(old || new) that is never negative.

        mean((ratio - 1) - log ratio)

    Reference: Schulman 2020, "Approximating KL Divergence", estimator k3.
    """
    log_ratio = log_prob - old_log_prob
    return (log_ratio.exp() - 1 - log_ratio).mean()


def clip_fraction(log_prob: Tensor, old_log_prob: Tensor, *, clip_range: float) -> Tensor:
    """The share of actions whose chance has moved further than the clip range lets it count."""
    return (((log_prob - old_log_prob).exp() - 1).abs() > clip_range).to(log_prob.dtype).mean()


def policy_gradient(log_prob: Tensor, advantage: Tensor) -> Tensor:
    """The loss whose gradient makes actions likelier in proportion to their advantage.

        loss = -mean(log_prob * A)

    Args:
        log_prob: (batch,), of the actions.
        advantage: (batch,), how much better they were than expected.

    Reference: Sutton and Barto 2018, section 13.4.
    """
    return -(log_prob * advantage).mean()


def normalized(advantage: Tensor, epsilon: float = 1e-8) -> Tensor:
    """Advantages brought to mean 0 and deviation 1; a single one stays as it is.

    Args:
        advantage: (batch,).
        epsilon: guards the division by the deviation.
    """
    if len(advantage) < 2:
        return advantage
    return (advantage - advantage.mean()) / (advantage.std() + epsilon)
