"""The agent every other one is compared with."""

from __future__ import annotations

import copy
from typing import Any

import gymnasium
import numpy as np
from gymnasium.spaces import Discrete, Space

from csai_core.agents.agent import Agent
from csai_core.arguments import check_seed
from csai_core.spaces import values_of


class RandomAgent(Agent):
    """Draws every action from the action space, among those that are allowed, and learns nothing.

    Args:
        action_space: what to draw from; any Gymnasium space.
        seed: makes the draws repeatable. They come from the agent's own generator, so the
            environment's stays untouched.

    Raises:
        ConfigError: if the seed is none.
    """

    def __init__(self, action_space: Space[Any], seed: int | None = None) -> None:
        super().__init__()
        self._action_space = copy.deepcopy(action_space)
        self._action_space.seed(check_seed(type(self).__name__, seed))

    def get_actions(self) -> list[Any]:
        """All actions of a Discrete space; for other spaces, one action drawn at random."""
        space = self._action_space
        if isinstance(space, Discrete):
            return values_of(space)
        return [space.sample()]

    def get_next_action(self, state: Any) -> Any:
        """A random action, whatever the state."""
        return self._action_space.sample()

    def get_allowed_action(self, state: Any, action_mask: Any) -> Any:
        """A random allowed action of a Discrete space; of others, any action."""
        if action_mask is None or not isinstance(self._action_space, Discrete):
            return self._action_space.sample()
        return self._action_space.sample(np.asarray(action_mask).astype(np.int8))


def make_random_agent(env: gymnasium.Env[Any, Any]) -> RandomAgent:
    """The random agent for an environment; repeatable if the action space was seeded."""
    seed = int(env.action_space.np_random.integers(2**31))
    return RandomAgent(env.action_space, seed)
