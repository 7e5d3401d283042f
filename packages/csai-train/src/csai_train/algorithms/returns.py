"""What rewards amount to over time: pure functions of arrays with axes (num_steps, num_envs)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_train.errors import NonFiniteError

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]


def discounted_returns(
    reward: Floats, next_value: Floats, terminated: Bools, truncated: Bools, *, gamma: float
) -> Floats:
    """The discounted sum of rewards from each step on.

        G_t = r_t + gamma * G_{t+1}         within an episode
        G_t = r_t                           where the game terminated
        G_t = r_t + gamma * V(s_{t+1})      where the episode was cut short, or the rollout ends

    Args:
        reward: (num_steps, num_envs).
        next_value: (num_steps, num_envs), V(s_{t+1}), the value of what each step led to; read only
            where it is needed.
        terminated: (num_steps, num_envs).
        truncated: (num_steps, num_envs).
        gamma: discount.

    Returns:
        (num_steps, num_envs).

    Reference: Sutton and Barto 2018, equation 3.9.
    """
    returns = np.empty_like(reward)
    following = next_value[-1]
    for t in range(len(reward) - 1, -1, -1):
        following = np.where(truncated[t], next_value[t], following) * ~terminated[t]
        following = reward[t] + gamma * following
        returns[t] = following
    return returns


def gae(
    reward: Floats,
    value: Floats,
    next_value: Floats,
    terminated: Bools,
    truncated: Bools,
    *,
    gamma: float,
    gae_lambda: float,
) -> Floats:
    """How much better each action was than expected: generalized advantage estimation.

        delta_t = r_t + gamma * V(s_{t+1}) - V(s_t)            V(s_{t+1}) = 0 where the game terminated
        A_t     = delta_t + gamma * lambda * A_{t+1}           A_{t+1} = 0 where the episode ended

    Args:
        reward: (num_steps, num_envs).
        value: (num_steps, num_envs), V(s_t).
        next_value: (num_steps, num_envs), V(s_{t+1}), where an episode was cut short that of its last
            observation, never that of the next episode's first.
        terminated: (num_steps, num_envs).
        truncated: (num_steps, num_envs).
        gamma: discount.
        gae_lambda: 0 trusts the values (little variance, more bias), 1 the rewards.

    Returns:
        (num_steps, num_envs).

    Reference: Schulman et al. 2016, arXiv:1506.02438, equations 11 to 16.
    """
    error = reward + gamma * next_value * ~terminated - value
    carry_on = (gamma * gae_lambda) * ~(terminated | truncated)
    advantage = np.empty_like(error)
    following: Any = 0.0
    for t in range(len(error) - 1, -1, -1):
        following = error[t] + carry_on[t] * following
        advantage[t] = following
    return advantage


def require_finite_steps(**parts: Floats) -> None:
    """Refuse to learn from steps with NaN or infinity.

    Args:
        **parts: what the numbers are, each (num_steps, num_envs).

    Raises:
        NonFiniteError: if one of them is NaN or infinite, saying which and where.
    """
    for name, numbers in parts.items():
        if not np.isfinite(numbers).all():
            t, i = np.argwhere(~np.isfinite(numbers))[0]
            raise NonFiniteError(
                f"The {name} of step {t}, in environment {i}, is {numbers[t, i]}; nothing was learned from "
                "these steps."
            )
