"""The loop of older textbooks: `state = reset()` and `state, reward, done = step(action)`."""

from __future__ import annotations

from typing import Any

import gymnasium


class ClassicView:
    """Shows any Gymnasium environment through the classic three-item interface.

    Everything else (`get_attribute`, `render_env`, …) is the environment's own.

    Args:
        env: the environment to look at.
    """

    def __init__(self, env: gymnasium.Env[Any, Any]) -> None:
        self.env = env

    def __getattr__(self, name: str) -> Any:
        if name == "env":  # not there yet while unpickling
            raise AttributeError(name)
        return self.env.get_wrapper_attr(name)

    def reset(self, attributes: Any = None) -> Any:
        """Start an episode and return the first observation alone."""
        observation, _ = self.env.reset() if attributes is None else self._shell.reset(attributes)
        return observation

    def step(self, action: Any, d_t: float | None = None, attributes: Any = None) -> tuple[Any, float, bool]:
        """Take one step; `done` is true when the episode was terminated or truncated."""
        if d_t is None and attributes is None:
            observation, reward, terminated, truncated, _ = self.env.step(action)
        else:
            observation, reward, terminated, truncated, _ = self._shell.step(action, d_t, attributes)
        return observation, float(reward), bool(terminated or truncated)

    @property
    def _shell(self) -> Any:
        """The environment inside all wrappers, whose methods take the seed's extra arguments."""
        return self.env.unwrapped
