"""From what a network gives to the actions that an environment takes, in torch alone: for other programs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from torch import Tensor, nn

from csai_neural.box_scale import BoxScale
from csai_neural.policies import CategoricalPolicy, DictPolicy, GaussianPolicy, Policy


class ActionHead(nn.Module):
    """The best actions for what a network gives for a batch.

    Attributes:
        names: what each tensor of actions is called: "action", or "action_<part>" for each part of a Dict.
        num_choices: how long a row of a mask is; 0 where no mask is taken.
    """

    def __init__(self, names: tuple[str, ...], num_choices: int) -> None:
        super().__init__()
        self.names = names
        self.num_choices = num_choices

    def forward(self, outputs: Tensor, mask: Tensor | None) -> tuple[Tensor, ...]:
        """The actions, one tensor for each name, of the space's dtype and within its bounds.

        Args:
            outputs: (batch, number of outputs).
            mask: (batch, num_choices), 0 where an action is forbidden; None where there are no choices.
        """
        raise NotImplementedError


class PolicyHead(ActionHead):
    """The likeliest actions of a policy.

    Args:
        policy: what the outputs stand for.
    """

    def __init__(self, policy: Policy) -> None:
        names = (
            tuple(f"action_{name}" for name in policy.parts)
            if isinstance(policy, DictPolicy)
            else ("action",)
        )
        super().__init__(names, policy.num_choices)
        self._policy = policy
        parts = policy.parts.values() if isinstance(policy, DictPolicy) else [policy]
        self._parts = nn.ModuleList(_Units(part) for part in parts)

    def forward(self, outputs: Tensor, mask: Tensor | None) -> tuple[Tensor, ...]:
        """The likeliest actions; see `ActionHead.forward`."""
        found: Any = self._policy.mode(outputs if mask is None else self._policy.masked(outputs, mask != 0))
        parts = found.values() if isinstance(found, dict) else [found]
        return tuple(units(part) for units, part in zip(self._parts, parts, strict=True))


class ValueHead(ActionHead):
    """The actions with the highest values.

    Args:
        space: of the actions.
    """

    def __init__(self, space: spaces.Discrete[Any]) -> None:
        super().__init__(("action",), int(space.n))
        self._policy = CategoricalPolicy(space)

    def forward(self, outputs: Tensor, mask: Tensor | None) -> tuple[Tensor, ...]:
        """The best of those that are allowed; see `ActionHead.forward`."""
        return (self._policy.mode(outputs if mask is None else self._policy.masked(outputs, mask != 0)),)


class BoxHead(ActionHead):
    """Numbers that tanh brings into the bounds of a Box.

    Args:
        space: of the actions; the first outputs are its numbers, before tanh.
    """

    def __init__(self, space: spaces.Box) -> None:
        super().__init__(("action",), 0)
        self._shape = space.shape
        self._scaled = _Scaled(space)

    def forward(self, outputs: Tensor, mask: Tensor | None) -> tuple[Tensor, ...]:
        """The middle of what is drawn; see `ActionHead.forward`."""
        numbers = outputs[:, : math.prod(self._shape)].tanh()
        return (self._scaled(numbers.reshape(numbers.shape[0], *self._shape)),)


class _Units(nn.Module):
    """What a policy without parts has chosen, as the environment takes it."""

    def __init__(self, policy: Policy) -> None:
        super().__init__()
        is_box = isinstance(policy, GaussianPolicy)
        self._scaled = _Scaled(policy.space) if is_box else None
        self._is_squashed = isinstance(policy, GaussianPolicy) and policy.is_squashed
        self._dtype = _dtype_of(policy.space)

    def forward(self, action: Tensor) -> Tensor:
        if self._scaled is None:
            return action.to(self._dtype)
        scaled: Tensor = self._scaled(action.tanh() if self._is_squashed else action)
        return scaled


class _Scaled(nn.Module):
    """`BoxScale.to_environment`, in torch."""

    center: Tensor
    scale: Tensor
    low: Tensor
    high: Tensor

    def __init__(self, space: Any) -> None:
        super().__init__()
        scale = BoxScale(space)
        for name, value in (
            ("center", scale.center),
            ("scale", scale.scale),
            ("low", space.low),
            ("high", space.high),
        ):
            self.register_buffer(name, torch.as_tensor(np.asarray(value, dtype=np.float64)))
        self._dtype = _dtype_of(space)

    def forward(self, drawn: Tensor) -> Tensor:
        action = self.center + self.scale * drawn.to(torch.float64)
        return torch.minimum(torch.maximum(action, self.low), self.high).to(self._dtype)


def _dtype_of(space: spaces.Space[Any]) -> torch.dtype:
    return torch.from_numpy(np.empty(0, space.dtype)).dtype
