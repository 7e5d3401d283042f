"""Two networks that judge actions of numbers; the lower of both is believed."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import torch
from gymnasium import spaces
from torch import Tensor, nn

from csai_core.errors import ConfigError
from csai_neural.bodies import default_body
from csai_neural.generators import seeded
from csai_neural.net import Net


class TwinCritic(nn.Module):
    """Two Q(observation, action), each with weights of its own.

    Where one of them errs upward the other seldom does: the lower of both keeps values from running away
    (Fujimoto et al. 2018, arXiv:1802.09477, section 4.2).

    Args:
        observation_space: of one environment.
        num_numbers: how many numbers an action has.
        hidden_sizes: sizes of the fully connected layers, which see features and action side by side.
        seed: decides the weights to start with; the global generator is left as it was.
        body: turns observations into features; each critic begins with a copy. None makes convolutions for
            images and lays everything else out flat.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        num_numbers: int,
        hidden_sizes: tuple[int, ...],
        *,
        seed: int,
        body: Net | None = None,
    ) -> None:
        super().__init__()
        with seeded(seed):
            bodies = [default_body(observation_space) if body is None else body.copy() for _ in range(2)]
            self.bodies = nn.ModuleList(bodies)
            size = bodies[0].output_size + num_numbers
            self.heads = nn.ModuleList(_layers((size, *hidden_sizes)) for _ in range(2))

    def forward(self, observation: Any, action: Tensor) -> Tensor:
        """What both expect after each action.

        Args:
            observation: a batch.
            action: (batch, num_numbers), from -1 to 1.

        Returns:
            (2, batch).
        """
        values = [
            head(torch.cat([body(observation), action], dim=1)).squeeze(1)
            for body, head in zip(self.bodies, self.heads, strict=True)
        ]
        return torch.stack(values)

    def copy(self) -> TwinCritic:
        """Another one with the same weights."""
        return copy.deepcopy(self)

    def load(self, state: Mapping[str, Any]) -> None:
        """Take over the weights of another one.

        Raises:
            ConfigError: if it has other layers.
        """
        try:
            self.load_state_dict(dict(state))
        except RuntimeError as error:
            raise ConfigError(
                "The critics that were learned have other layers than these; give the hidden_sizes that they "
                f"were learned with. {error}"
            ) from error


def _layers(sizes: tuple[int, ...]) -> nn.Sequential:
    """Linear layers with ReLU in between, to a single number."""
    layers: list[nn.Module] = []
    for size, next_size in pairwise(sizes):
        layers += [nn.Linear(size, next_size), nn.ReLU()]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], 1))
