"""What algorithms minimise and aim at: pure functions of tensors."""

from __future__ import annotations

from torch import Tensor


def td_target(reward: Tensor, next_value: Tensor, terminated: Tensor, *, gamma: float) -> Tensor:
    """What the value of an action should have been, one step later.

        target = reward + gamma * next_value    where the game goes on, or was only cut short
        target = reward                         where it terminated

    Args:
        reward: (batch,).
        next_value: (batch,), the value of what the action led to.
        terminated: (batch,), bool.
        gamma: discount.

    Returns:
        (batch,).

    Reference: Sutton and Barto 2018, section 6.1.
    """
    return reward + gamma * next_value * ~terminated


def value_of(values: Tensor, action: Tensor) -> Tensor:
    """The value of the action taken: from (batch, num_actions) and (batch,) to (batch,)."""
    return values.gather(1, action[:, None]).squeeze(1)
