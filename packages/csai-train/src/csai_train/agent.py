"""Agents made from trained algorithms."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces

from csai_core import Agent, trees
from csai_core.algorithm import Algorithm
from csai_core.errors import ConfigError


class TrainedAgent(Agent):
    """Does what an algorithm thinks best.

    Args:
        algorithm: what decides.
        observation_space: of the environment it was trained in.
        action_space: of that environment.
    """

    def __init__(
        self, algorithm: Algorithm, observation_space: spaces.Space[Any], action_space: spaces.Space[Any]
    ) -> None:
        super().__init__()
        self.algorithm = algorithm
        self.observation_space = observation_space
        self.action_space = action_space

    def get_actions(self) -> list[Any]:
        """All actions of a Discrete space.

        Raises:
            ConfigError: if the space is another, whose actions cannot be listed.
        """
        if not isinstance(self.action_space, spaces.Discrete):
            raise ConfigError(f"The actions of {self.action_space} cannot be listed.")
        return list(range(int(self.action_space.start), int(self.action_space.start + self.action_space.n)))

    def get_next_action(self, state: Any) -> Any:
        """The best action in `state`."""
        return self.get_allowed_action(state, None)

    def get_allowed_action(self, state: Any, action_mask: Any) -> Any:
        """The best action in `state`; where there is a mask, among those it allows."""
        mask = None if action_mask is None else np.asarray(action_mask)[None]
        batch = trees.stack(self.observation_space, [state])
        decision = self.algorithm.act(batch, explore=False, action_mask=mask)
        return trees.unstack(decision.action, 1)[0]

    def update(self, state: Any, action: Any, next_state: Any, reward: float) -> None:
        """Learn nothing more: the training is over."""
