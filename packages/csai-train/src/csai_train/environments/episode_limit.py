"""Cutting episodes short, in single environments and in those that reset themselves."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.utils import RecordConstructorArgs
from gymnasium.vector import AutoresetMode, VectorEnv, VectorWrapper
from numpy.typing import NDArray

from csai_core import trees


class StepLimit(gymnasium.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Reports an episode of a single environment as truncated after so many steps.

    Gymnasium's TimeLimit takes the place of the environment's own limit in its specification; this one stands
    beside it, so that both hold in an environment that is made again.

    Args:
        env: the environment.
        max_steps: after how many steps.
    """

    def __init__(self, env: gymnasium.Env[Any, Any], max_steps: int) -> None:
        RecordConstructorArgs.__init__(self, max_steps=max_steps)
        gymnasium.Wrapper.__init__(self, env)
        self.max_steps = max_steps
        self._length = 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode."""
        self._length = 0
        return self.env.reset(seed=seed, options=options)

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Take one step."""
        observation, reward, terminated, truncated, info = self.env.step(action)
        self._length += 1
        return observation, reward, terminated, truncated or self._length >= self.max_steps, info


class EpisodeLimit(VectorWrapper[Any, Any, Any]):
    """Reports an episode as truncated after so many steps.

    A vector environment resets its games by itself, and only when they end. So a game goes on where it
    is, and its next step counts as the first of another episode; in the autoreset mode NEXT_STEP the step
    after that, since the next one is then taken for a reset.

    Args:
        env: the vector environment.
        max_steps: after how many steps.
    """

    def __init__(self, env: VectorEnv[Any, Any, Any], max_steps: int) -> None:
        super().__init__(env)
        self.max_steps = max_steps
        self._lengths = np.zeros(env.num_envs, dtype=np.int64)
        mode = env.metadata.get("autoreset_mode")
        self._skips = mode == AutoresetMode.NEXT_STEP
        self._tells_last = mode == AutoresetMode.SAME_STEP
        self._is_over = np.zeros(env.num_envs, dtype=np.bool_)

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode in every environment."""
        over = np.True_ if options is None else options.get("reset_mask", np.True_)
        self._lengths[over] = 0
        self._is_over[over] = False
        return self.env.reset(seed=seed, options=options)  # type: ignore[arg-type]

    def step(self, actions: Any) -> tuple[Any, Any, Any, Any, dict[str, Any]]:
        """Step every environment."""
        observation, reward, terminated, truncated, info = self.env.step(actions)
        self._lengths += 1
        if self._skips:
            self._lengths[self._is_over] = 0
        cut = (self._lengths >= self.max_steps) & ~(terminated | truncated)
        if self._tells_last and cut.any():
            info = self._with_last_ones(observation, info, cut)
        truncated = truncated | cut
        self._is_over = terminated | truncated
        self._lengths[self._is_over] = 0
        return observation, reward, terminated, truncated, info

    def _with_last_ones(
        self, observation: Any, info: dict[str, Any], cut: NDArray[np.bool_]
    ) -> dict[str, Any]:
        """The info, which also says with which observations the episodes ended that are cut here."""
        nobody = np.zeros(self.num_envs, np.bool_)
        final = info.get("final_obs", np.full(self.num_envs, None, object)).copy()
        rows = trees.unstack(observation, self.num_envs)
        for i in np.flatnonzero(cut):
            final[i] = rows[i]
        return {
            "final_info": {},
            **info,
            "final_obs": final,
            "_final_obs": info.get("_final_obs", nobody) | cut,
        }
