"""A game that keeps a score, and whose id has a slash in it, for trainings that callbacks listen to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import gymnasium
from gymnasium.envs.classic_control import CartPoleEnv

SCORED = "CallbackSuite/ScoredPole-v0"


class ScoredPole(CartPoleEnv):
    """CartPole, whose score is how many steps the pole has stood."""

    num_steps = 0

    def reset(self, **wishes: Any) -> Any:
        """Begin an episode."""
        self.num_steps = 0
        return super().reset(**wishes)

    def step(self, action: Any) -> Any:
        """Take a step, and tell the score."""
        self.num_steps += 1
        take_step: Any = super().step
        observation, reward, terminated, truncated, info = take_step(action)
        return observation, reward, terminated, truncated, {**info, "score": float(self.num_steps)}


@contextlib.contextmanager
def registered() -> Iterator[None]:
    """Let the game be made by its id meanwhile."""
    gymnasium.register(SCORED, entry_point=f"{__name__}:ScoredPole", max_episode_steps=500)
    try:
        yield
    finally:
        del gymnasium.registry[SCORED]
