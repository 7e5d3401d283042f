"""The loop of older textbooks, `state = reset()` and `state, reward, done = step(action)`, both ways."""

from __future__ import annotations

import inspect
from typing import Any

import gymnasium

from csai_core.errors import ContractError
from csai_core.shell.contract import described
from csai_core.shell.shell import Shell


class ClassicView:
    """Shows an environment through the classic three-item interface, for the classic loop.

    Everything else (`get_attribute`, `render_env`, …) is the environment's own.

    Args:
        env: a Gymnasium environment; or a Shell that is written for the classic loop, whose `reset` returns
            the state alone and whose `step(action, d_t)` returns `(state, reward, done)`; or a class of
            either kind that needs no arguments.

    Raises:
        ContractError: if it is none of these.
    """

    def __init__(self, env: gymnasium.Env[Any, Any] | type[gymnasium.Env[Any, Any]]) -> None:
        self.env = env() if isinstance(env, type) else env
        if not isinstance(self.env, gymnasium.Env):
            raise ContractError(
                f"ClassicView was given {self.env!r}; it shows environments, which derive from "
                "csai_core.Shell or gymnasium.Env."
            )
        if isinstance(self.env, Shell):
            allow_classic_items(self.env)

    def __getattr__(self, name: str) -> Any:
        if name == "env":  # not there yet while unpickling
            raise AttributeError(name)
        return self.env.get_wrapper_attr(name)

    def __getitem__(self, name: Any) -> Any:
        """The environment's attribute of that name; see `Shell.get_attribute`."""
        return self.get_attribute(name)

    def reset(self, attributes: Any = None) -> Any:
        """Start an episode and return the first observation alone."""
        result: Any = self.env.reset()
        if attributes is not None:
            return self.get_observation(attributes)
        return result if self._is_classic else result[0]

    def step(self, action: Any, d_t: float | None = None, attributes: Any = None) -> tuple[Any, float, bool]:
        """Take one step; `done` is true when the episode was terminated or truncated.

        Args:
            action: a value in the action space.
            d_t: seconds that the step stands for; environments that are not shells know no such thing.
            attributes: which attributes to return, instead of the environment's own view.

        Raises:
            ContractError: if the step of a Shell returns neither three items nor Gymnasium's five.
        """
        if d_t is not None and hasattr(self.env.unwrapped, "next_d_t"):
            self.env.unwrapped.next_d_t = d_t
        result: Any = self.env.step(action)
        if not (isinstance(result, tuple) and len(result) in (3, 5)):
            raise ContractError(
                f"ClassicView was given a {type(self.env).__name__}, whose step returned "
                f"{described(result)}; it must return (state, reward, done)."
            )
        observation, reward, *ends = result
        if attributes is not None:
            observation = self.get_observation(attributes)
        return observation, float(reward), any(map(bool, ends[:2]))

    @property
    def _is_classic(self) -> bool:
        return isinstance(self.env, Shell) and self.env.is_classic


def allow_classic_items(shell: Shell) -> None:
    """Let a shell return the classic items, if it writes `reset` or `step` whole, and they are checked."""
    if any(hasattr(getattr(type(shell), each), "__wrapped__") for each in ("reset", "step")):
        shell.is_classic = True


def from_classic(shell: Shell) -> gymnasium.Env[Any, Any]:
    """A Gymnasium environment made of a shell that is written for the classic loop.

    Its `reset(attributes=None)` returns the observation alone, and its `step(action, d_t, attributes=None)`
    returns `(state, reward, done)`; `done` becomes `terminated`. Anything random comes from
    `self.np_random`, which `reset(seed=…)` of the result seeds.

    Raises:
        ContractError: at `reset` or `step`, if the shell keeps Gymnasium's contract already.
    """
    return _FromClassic(shell)


def as_gymnasium(env: Any) -> Any:
    """What trains in `env`: a Gymnasium environment made of a classic one, and anything else as it is.

    Args:
        env: an environment, one written for the classic loop, or a `ClassicView` of either.
    """
    if isinstance(env, ClassicView):
        env = env.env
    is_classic = isinstance(env, Shell) and env.is_classic and not _takes("options", env)
    return from_classic(env) if is_classic else env


def _takes(name: str, shell: Shell) -> bool:
    """Whether `reset` has a parameter of that name; the classic loop knows of no options."""
    return name in inspect.signature(shell.reset).parameters


class _FromClassic(gymnasium.Env[Any, Any]):
    """Translates the three items into five; everything else is the shell's own."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        self.metadata = shell.metadata
        self.render_mode = shell.render_mode
        self.observation_space = shell.observation_space
        self.action_space = shell.action_space
        self.next_d_t: float | None = None
        self._knows_seeds = _takes("seed", shell)
        allow_classic_items(shell)

    def __getattr__(self, name: str) -> Any:
        if name == "shell":  # not there yet while unpickling
            raise AttributeError(name)
        return getattr(self.shell, name)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Seed the shell's generator and start an episode; the shell knows no options."""
        super().reset(seed=seed)
        if not self._knows_seeds:
            self.shell.np_random = self.np_random
        observation: Any = self.shell.reset(seed=seed) if self._knows_seeds else self.shell.reset()
        if isinstance(observation, tuple):
            raise self._refuse("reset", observation)
        return observation, {}

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take one step, of 1 / target_fps seconds unless told otherwise."""
        self.shell.next_d_t = 1.0 / self.shell.target_fps if self.next_d_t is None else self.next_d_t
        self.next_d_t = None
        result: Any = self.shell.step(action)
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
        return ContractError(
            f"from_classic was given a {type(self.shell).__name__}, whose {method} returned "
            f"{described(result)}. It takes shells whose reset returns the observation alone and "
            "whose step returns (state, reward, done); one that returns Gymnasium's items is used as it is, "
            "without from_classic."
        )
