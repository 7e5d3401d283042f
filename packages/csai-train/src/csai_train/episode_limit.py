"""Cutting episodes short in environments that reset themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium.vector import VectorEnv, VectorWrapper


class EpisodeLimit(VectorWrapper[Any, Any, Any]):
    """Reports an episode as truncated after so many steps.

    A vector environment resets its games by itself, and only when they end. So a game goes on where it
    is, and its next step counts as the first of another episode.

    Args:
        env: the vector environment.
        max_steps: after how many steps.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], max_steps: int) -> None:
        super().__init__(env)
        self.max_steps = max_steps
        self._lengths = np.zeros(env.num_envs, dtype=np.int64)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode in every environment."""
        self._lengths[:] = 0
        return self.env.reset(seed=seed, options=options)  # type: ignore[arg-type]

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Step every environment."""
        observation, reward, terminated, truncated, info = self.env.step(actions)
        self._lengths += 1
        truncated = truncated | ((self._lengths >= self.max_steps) & ~terminated)
        self._lengths[terminated | truncated] = 0
        return observation, reward, terminated, truncated, info
