"""The gate of a vector environment of somebody's."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

from csai_core import trees
from csai_core.errors import EnvironmentFailedError
from csai_core.gate import words
from csai_core.gate.arrays import shortened
from csai_core.gate.environment import name_of
from csai_core.gate.observations import ObservationGate
from csai_core.gate.values import Floats, Improper, as_flags, as_rewards, check_items
from csai_core.plugins.culprit import blame
from csai_core.spaces import require_content

Bools = NDArray[np.bool_]


class VectorGate:
    """Resets and steps a vector environment; what it gives is looked at, cast and copied.

    Args:
        envs: the vector environment.
        mode: when it resets what is over.

    Raises:
        SpaceError: if a space holds nothing.
    """

    def __init__(self, envs: VectorEnv[Any, Any, Any], mode: AutoresetMode) -> None:
        self.envs = envs
        require_content(envs.single_observation_space, f"The observation_space of {name_of(envs)}")
        require_content(envs.single_action_space, f"The action_space of {name_of(envs)}")
        self.observations = ObservationGate(envs.single_observation_space)
        self._mode = mode
        self._clock = 0
        """Steps of the vector so far."""
        self._began: NDArray[np.int64] = np.zeros(envs.num_envs, np.int64)
        """What the clock said when each episode began."""
        self._seeds: list[int | None] = [None] * envs.num_envs
        self._actions: Any = None
        self._is_over: Bools | None = None
        """Whose episodes the last step ended; None if nobody's."""

    def reset(
        self, *, seed: list[int] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """Start an episode in every environment, or in those of `options["reset_mask"]`.

        Args:
            seed: one for each environment; where they share a generator, it is seeded with the first.
            options: handed on.

        Raises:
            EnvironmentFailedError: if it raises, or what it gives cannot be used.
        """
        count = self.envs.num_envs
        chosen = np.flatnonzero((options or {}).get("reset_mask", np.ones(count, np.bool_)))
        self._begin(chosen, [None] * count if seed is None else list(seed))
        try:
            try:
                result: Any = self.envs.reset(seed=seed, options=options)  # type: ignore[arg-type]
            except (gymnasium.error.Error, TypeError):
                if seed is None:
                    raise
                result = self.envs.reset(seed=seed[0], options=options)
        except EnvironmentFailedError:
            raise
        except (Exception, SystemExit) as error:
            raise self.failed(words.describe(error), cause=error) from error
        try:
            check_items(result, 2)
            return self.observations.own(result[0], count), result[1]
        except Improper as found:
            raise self.failed(str(found), found.index) from None

    def step(self, actions: Any) -> tuple[Any, Floats, Bools, Bools, dict[str, Any]]:
        """Take one step in every environment.

        Raises:
            EnvironmentFailedError: if it raises, or what it gives cannot be used.
        """
        self._clock += 1
        self._actions = actions
        if self._is_over is not None:
            self._start_next(np.flatnonzero(self._is_over))
        try:
            result: Any = self.envs.step(trees.copy(actions))
        except EnvironmentFailedError:
            raise
        except (Exception, SystemExit) as error:
            raise self.failed(words.describe(error), cause=error) from error
        count = self.envs.num_envs
        try:
            if type(result) is not tuple or len(result) != 5 or type(result[4]) is not dict:
                check_items(result, 5)
            batch, rewards, terminated, truncated, info = result
            rewards = as_rewards(rewards, count)
            terminated = as_flags("terminated", terminated, count)
            truncated = as_flags("truncated", truncated, count)
            over = terminated | truncated
            self._is_over = over if np.count_nonzero(over) else None
            observation = self.observations.own(batch, count)
        except Improper as found:
            if self._mode is AutoresetMode.SAME_STEP and self._is_over is not None:
                self._begin(np.flatnonzero(self._is_over), [None] * count)  # it is of the next episode
            raise self.failed(str(found), found.index) from None
        return observation, rewards, terminated, truncated, info

    def last_ones(self, info: dict[str, Any], ended: NDArray[np.intp]) -> Any:
        """A batch of the observations with which some episodes ended, from the info of that step.

        Raises:
            EnvironmentFailedError: if there are none, or they are not what the space says.
        """
        final = info.get("final_obs")
        try:
            if final is None:
                raise Improper(
                    'It gave no info["final_obs"], though an episode ended and its autoreset mode is '
                    "SAME_STEP; put the last observation of each episode there.",
                    int(ended[0]),
                )
            return self.observations.stack(self._rows_of(final, ended), ended.tolist())
        except Improper as found:
            raise self.failed(str(found), found.index) from None

    def last_infos(self, info: dict[str, Any]) -> dict[str, Any]:
        """What was told with the observations with which episodes ended; an empty dict if nothing was.

        Raises:
            EnvironmentFailedError: if it is no dict.
        """
        told = info.get("final_info", {})
        if not isinstance(told, dict):
            raise self.failed(
                f'Its info["final_info"] is {shortened(told)}; it must be a dict of arrays, as info is.'
            )
        return told

    def _rows_of(self, final: Any, ended: NDArray[np.intp]) -> list[Any]:
        try:
            rows = trees.unstack(final, self.envs.num_envs)
            return [rows[i] for i in ended]
        except (TypeError, LookupError, ValueError):
            raise Improper(
                f'Its info["final_obs"] is {shortened(final)}; it must have {self.envs.num_envs} rows.'
            ) from None

    def failed(
        self, what: str, index: int | None = None, cause: BaseException | None = None
    ) -> EnvironmentFailedError:
        """The error that says what is wrong, where in which episode, and whose plugin it is."""
        step, seed, action = self._clock - int(self._began.min()), None, self._actions
        if index is not None:
            step, seed = self._clock - int(self._began[index]), self._seeds[index]
            action = trees.unstack(self._actions, self.envs.num_envs)[index] if step else None
        failure = EnvironmentFailedError(
            what,
            environment=name_of(self.envs),
            index=index,
            seed=seed,
            step=step,
            action=action if step else None,
        )
        failure.__cause__ = cause
        blame(failure)
        return failure

    def _begin(self, which: NDArray[np.intp], seeds: list[int | None]) -> None:
        """Keep account of episodes that begin now."""
        self._began[which] = self._clock
        for index, seed in zip(which, seeds, strict=False):
            self._seeds[index] = seed
        self._is_over = None

    def _start_next(self, ended: NDArray[np.intp]) -> None:
        """Keep account of the episodes that begin by themselves: in this step, or before it."""
        self._begin(ended, [None] * len(ended))
        if self._mode is not AutoresetMode.NEXT_STEP:
            self._began[ended] -= 1
