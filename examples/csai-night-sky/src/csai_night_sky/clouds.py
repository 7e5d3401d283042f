"""The wrapper: clouds, which hide a part of each image."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from csai_core.arguments import check_number
from csai_core.errors import ConfigError
from gymnasium.spaces import Box


class Clouds(gymnasium.ObservationWrapper[Any, Any, Any], gymnasium.utils.RecordConstructorArgs):
    """Hides a part of each image that is observed, as a cloud that moves at random.

    What is hidden has the lowest value of the space. A seeded `reset` seeds the clouds too; the game below
    them stays the same.

    Args:
        env: an environment whose observations are images or boards, of shape (…, height, width).
        cover: how much of each side is hidden, from 0 to 1. 0.5 hides a quarter of the image.

    Raises:
        ConfigError: if the observations are no images, or cover is no share.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], cover: float = 0.3) -> None:
        gymnasium.utils.RecordConstructorArgs.__init__(self, cover=cover)
        super().__init__(env)
        if not (isinstance(env.observation_space, Box) and len(env.observation_space.shape) >= 2):
            raise ConfigError(
                f"Clouds were given observations of {env.observation_space}; they hide parts of images, "
                "a Box of shape (…, height, width)."
            )
        self.cover = check_number("Clouds", "cover", cover, least=0, most=1)
        self.wind = np.random.default_rng()

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode, below the clouds that belong to the seed."""
        if seed is not None:
            self.wind = np.random.default_rng(seed)
        return super().reset(seed=seed, options=options)

    def observation(self, observation: Any) -> Any:
        """The image, with a cloud before it."""
        space: Any = self.observation_space
        rows, columns = (slice(*self.place(side)) for side in space.shape[-2:])
        clouded = np.array(observation)
        clouded[..., rows, columns] = space.low[..., rows, columns]
        return clouded

    def place(self, side: int) -> tuple[int, int]:
        """From where to where a cloud reaches along a side of so many pixels."""
        width = round(side * self.cover)
        start = int(self.wind.integers(side - width + 1))
        return start, start + width
