"""The gate of a single environment."""

from __future__ import annotations

from collections import deque
from typing import Any

import gymnasium
import numpy as np
from gymnasium import Space

from csai_core.errors import EnvironmentFailedError, SpaceError, said
from csai_core.gate import replay, words
from csai_core.gate.masks import ActionMasks, Masks
from csai_core.gate.observations import ObservationGate
from csai_core.gate.values import Improper, as_flag, as_reward, check_items
from csai_core.plugins.culprit import blame
from csai_core.spaces import require_content

_NUMBERS = (float, int, np.float64)
_FLAGS = (bool, np.bool_)
"""The kinds of rewards and ends that are taken as they are; others are read first."""
_HUGE = 1e300


class EnvironmentGate:
    """Resets and steps an environment; whatever goes wrong in it is one kind of error, which says where.

    Args:
        env: the environment.
        index: which of several it is; None where there is one alone.
        observations: looks at its observations; several environments may share one. None makes one that
            warns nobody.

    Raises:
        SpaceError: if the environment has no spaces.
    """

    def __init__(
        self,
        env: gymnasium.Env[Any, Any],
        index: int | None = None,
        observations: ObservationGate | None = None,
    ) -> None:
        self.env = env
        self.index = index
        self.num_steps = 0
        observation_space, action_space = spaces_of(env)
        self._observations = observations or ObservationGate(observation_space, warn=None)
        self._masks = ActionMasks(action_space)
        self._inner = env.unwrapped
        self._seed: int | None = None
        self._generator: Any = None
        self._actions: deque[Any] = deque(maxlen=replay.MOST_ACTIONS + 1)

    def reset(self, *, seed: int | None = None, options: Any = None) -> tuple[Any, dict[str, Any]]:
        """Start an episode; the observation has not been looked at.

        Raises:
            EnvironmentFailedError: if it raises, or gives anything but an observation and a dict.
        """
        self.num_steps, self._seed = 0, seed
        self._actions.clear()
        self._generator = None if seed is not None else self._state_of_generator()
        try:
            result: Any = self.env.reset(seed=seed, options=options)
        except (Exception, SystemExit) as error:
            raise self.failed(words.describe(error), error) from error
        if type(result) is not tuple or len(result) != 2 or type(result[1]) is not dict:
            self._check_items(result, 2)
        return result  # type: ignore[no-any-return]

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Take a step; the observation has not been looked at.

        Raises:
            EnvironmentFailedError: if the environment raises, or gives anything but five items of the right
                kinds.
        """
        self.num_steps += 1
        self._actions.append(action)
        try:
            result: Any = self.env.step(action)
        except (Exception, SystemExit) as error:
            raise self.failed(words.describe(error), error) from error
        if type(result) is tuple and len(result) == 5 and type(result[4]) is dict:
            observation, reward, terminated, truncated, info = result
            if (
                type(reward) in _NUMBERS
                and -_HUGE < reward < _HUGE
                and type(terminated) in _FLAGS
                and type(truncated) in _FLAGS
            ):
                return observation, float(reward), bool(terminated), bool(truncated), info
        return self._read(result)

    def _state_of_generator(self) -> Any:
        """The state of the environment's generator, which asking makes; None of another kind."""
        generator = getattr(getattr(self._inner, "np_random", None), "bit_generator", None)
        return None if generator is None else generator.state

    def snapshot(self) -> Any:
        """Where in which episode it is; for `put_back`."""
        return self.num_steps, self._seed, self._generator, list(self._actions)

    def put_back(self, snapshot: Any) -> None:
        """Be where it was when `snapshot` was called; whoever calls this brings the environment back too."""
        self.num_steps, self._seed, self._generator, actions = snapshot
        self._actions = deque(actions, self._actions.maxlen)

    def own(self, observation: Any) -> Any:
        """A copy of what the last call gave, as it is.

        Raises:
            EnvironmentFailedError: if it is not what the observation space says.
        """
        try:
            return self._observations.single(observation, self.index or 0)
        except Improper as found:
            raise self.failed(str(found)) from None

    def mask(self, info: dict[str, Any], *, is_over: bool = False) -> Masks | None:
        """The action mask in an info, as `ActionMasks` reads it; None if there is none.

        Args:
            info: what the last call gave.
            is_over: whether that ended the episode, so that nothing need be allowed.

        Raises:
            EnvironmentFailedError: if it is none for the action space, or forbids everything.
        """
        mask = info.get("action_mask")
        if mask is None:
            return None
        try:
            rows = self._masks.with_choices(self._masks.read(mask)[None], np.array([is_over]))
            return rows.reshape(-1)
        except Improper as found:
            raise self.failed(str(found)) from None

    def failed(self, what: str, cause: BaseException | None = None) -> EnvironmentFailedError:
        """The error that says what is wrong, in which step of which episode, and whose plugin it is."""
        action = self._actions[-1] if self.num_steps else None
        line = replay.line_of(self.env, self._seed, self._generator, self._actions)
        failure = EnvironmentFailedError(
            what,
            environment=name_of(self.env),
            index=self.index,
            seed=self._seed,
            step=self.num_steps,
            action=action,
            repeat=line,
        )
        failure.__cause__ = cause
        blame(failure)
        return failure

    def _check_items(self, result: Any, count: int) -> None:
        try:
            check_items(result, count)
        except Improper as found:
            raise self.failed(str(found)) from None

    def _read(self, result: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        self._check_items(result, 5)
        observation, reward, terminated, truncated, info = result
        try:
            flags = as_flag("terminated", terminated), as_flag("truncated", truncated)
            return observation, as_reward(reward), *flags, info
        except Improper as found:
            raise self.failed(str(found)) from None


def spaces_of(env: gymnasium.Env[Any, Any]) -> tuple[Space[Any], Space[Any]]:
    """The observation space and the action space of an environment.

    Raises:
        SpaceError: if it has none, or something else in its place, or one that holds nothing.
    """
    return _space_of(env, "observation_space"), _space_of(env, "action_space")


def _space_of(env: gymnasium.Env[Any, Any], name: str) -> Space[Any]:
    how = f"give it a space in its __init__, such as self.{name} = gymnasium.spaces.Discrete(4)."
    try:
        space: Any = getattr(env, name, None)
    except Exception as error:  # it may be a property of somebody's
        raise SpaceError(f"{name_of(env)} raised {said(error)} as its {name} was read; {how}") from error
    if not isinstance(space, Space):
        raise SpaceError(f"{name_of(env)} has {space!r} as its {name}; {how}")
    require_content(space, f"The {name} of {name_of(env)}")
    return space


def name_of(env: Any) -> str:
    """An environment's id; the name of its class where it has none."""
    found = getattr(env.spec, "id", None)  # which what EnvPool calls a spec has not
    return type(env.unwrapped).__name__ if found is None else str(found)
