"""The loop of older textbooks, `state = reset()` and `state, reward, done = step(action)`, both ways."""

from __future__ import annotations

from typing import Any

import gymnasium

from csai_core.errors import ContractError
from csai_core.shell.shell import Shell


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

    def __getitem__(self, name: Any) -> Any:
        """The environment's attribute of that name; see `Shell.get_attribute`."""
        return self.get_attribute(name)

    def reset(self, attributes: Any = None) -> Any:
        """Start an episode and return the first observation alone."""
        observation, _ = self.env.reset()
        return observation if attributes is None else self.get_observation(attributes)

    def step(self, action: Any, d_t: float | None = None, attributes: Any = None) -> tuple[Any, float, bool]:
        """Take one step; `done` is true when the episode was terminated or truncated.

        Args:
            action: a value in the action space.
            d_t: seconds that the step stands for; environments that are not shells know no such thing.
            attributes: which attributes to return, instead of the environment's own view.
        """
        if d_t is not None and hasattr(self.env.unwrapped, "next_d_t"):
            self.env.unwrapped.next_d_t = d_t
        observation, reward, terminated, truncated, _ = self.env.step(action)
        if attributes is not None:
            observation = self.get_observation(attributes)
        return observation, float(reward), bool(terminated or truncated)


def from_classic(shell: Shell) -> gymnasium.Env[Any, Any]:
    """A Gymnasium environment made of a shell that is written for the classic loop.

    Its `reset(attributes=None)` returns the observation alone, and its `step(action, d_t, attributes=None)`
    returns `(state, reward, done)`; `done` becomes `terminated`. Anything random comes from
    `self.np_random`, which `reset(seed=…)` of the result seeds.

    Raises:
        ContractError: at `reset` or `step`, if the shell keeps Gymnasium's contract already.
    """
    return _FromClassic(shell)


class _FromClassic(gymnasium.Env[Any, Any]):
    """Translates the three items into five; everything else is the shell's own."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.metadata = shell.metadata
        self.render_mode = shell.render_mode
        self.observation_space = shell.observation_space
        self.action_space = shell.action_space
        self.next_d_t: float | None = None
        shell._is_classic = True

    def __getattr__(self, name: str) -> Any:
        if name == "shell":  # not there yet while unpickling
            raise AttributeError(name)
        return getattr(self.shell, name)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Seed the shell's generator and start an episode; the shell knows no options."""
        super().reset(seed=seed)
        self.shell.np_random = self.np_random
        observation: Any = self.shell.reset()
        if isinstance(observation, tuple):
            raise self._refuse("reset", observation)
        return observation, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one step, of 1 / target_fps seconds unless told otherwise."""
        d_t, self.next_d_t = self.next_d_t, None
        result: Any = self.shell.step(action, 1.0 / self.shell.target_fps if d_t is None else d_t)
        if not (isinstance(result, tuple) and len(result) == 3):
            raise self._refuse("step", result)
        observation, reward, done = result
        return observation, float(reward), bool(done), False, {}

    def render(self) -> Any:
        """Draw as the shell does."""
        return self.shell.render()

    def close(self) -> None:
        """Close the shell's window."""
        self.shell.close()

    def _refuse(self, method: str, result: Any) -> ContractError:
        given = f"{len(result)} items" if isinstance(result, tuple) else f"one {type(result).__name__}"
        return ContractError(
            f"from_classic was given a {type(self.shell).__name__}, whose {method} returned {given}. It "
            "takes shells whose reset returns the observation alone and whose step returns "
            "(state, reward, done); one that returns Gymnasium's items is used as it is, without "
            "from_classic."
        )
