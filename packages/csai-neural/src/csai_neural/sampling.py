"""Drawing actions from the numbers that any network gives, for loops of one's own."""

from __future__ import annotations

from typing import Any

import torch
from gymnasium import spaces
from torch import Tensor

from csai_core import Attribute
from csai_neural.errors import ShapeError
from csai_neural.policies import make_policy


def sample_distribution(
    outputs: Tensor, space: spaces.Space[Any] | Attribute, *, generator: torch.Generator | None = None
) -> tuple[Tensor, Any]:
    """Draw an action for each row of a network's outputs, and say how likely it was.

    Args:
        outputs: (batch, numbers): for Discrete and MultiDiscrete actions a logit for each choice; for
            MultiBinary one for each bit; for Box the means, and after them the logarithms of the standard
            deviations, both in the space's own units.
        space: of the actions, or an attribute that has it; what `ActorCritic` takes.
        generator: where randomness comes from; None is torch's global one.

    Returns:
        The log-probabilities, (batch,), through which gradients flow, and the actions, (batch, *shape of the
        space); those of a Box may lie outside its bounds.

    Raises:
        SpaceError: if there is no policy for such a space.
        ShapeError: if `outputs` has another shape.
    """
    policy = make_policy(space.space if isinstance(space, Attribute) else space)
    sizes = [policy.num_outputs, policy.num_deviations]
    if outputs.ndim != 2 or outputs.shape[1] != sum(sizes):
        raise ShapeError(
            f"Actions of {policy.space} are drawn from outputs of shape (batch, {sum(sizes)}), but were "
            f"given {tuple(outputs.shape)}."
        )
    numbers, log_std = torch.split(outputs, sizes, dim=1)
    with torch.no_grad():
        action = policy.sample(numbers, log_std, generator)
    return policy.log_prob(numbers, log_std, action), action
