"""Stepping environments so that it does not matter how they reset after an episode.

Gymnasium's vector environments do so in one of three ways, and say in their metadata in which:

SAME_STEP  in the step that ends an episode; its last observation is handed over in the infos.
NEXT_STEP  in the step after, which ignores the action: that row is no step of any episode, and is marked
           in `Step.is_reset`.
DISABLED   not at all: they are told to here, which then looks like SAME_STEP.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Decision, Step
from csai_core.gate import ActionMasks, Improper, VectorGate, scores_of
from csai_core.gate.masks import Masks
from csai_core.gate.observations import Warn, warn_python
from csai_train.environments.serial import SerialVectorEnv
from csai_train.errors import RunError

_MOST_IDLE = 3
"""Steps in a row in which no environment did anything but reset; those that behave have two."""


class EpisodeEnds(NamedTuple):
    """Whose episodes a step ended."""

    are_over: NDArray[np.bool_]
    """(num_envs,)."""
    scores: NDArray[np.float64] | None
    """(num_envs,): the game's own score where an episode ended, NaN where it tells none; what stands for
    other environments means nothing. None where no game keeps a score."""


class AutoresetAdapter:
    """Steps environments, and keeps what is to be acted on next.

    Everything they give has passed a gate: a vector environment of somebody's passes it here, and the single
    ones of a SerialVectorEnv have passed it there.

    Args:
        envs: the environments.
        warn: hears of what is wrong with them and can be got over.

    Attributes:
        observation: what is seen now; None before the first reset.
        action_mask: (num_envs, number of actions), 1 where an action is allowed now; None when all are.
        num_elsewhere: how many environments other processes step at the same time, shared out among those
            here, (num_envs,); None when there are none.

    Raises:
        RunError: if the environments do not say how they reset.
    """

    def __init__(self, envs: VectorEnv[Any, Any, Any], warn: Warn = warn_python) -> None:
        self.envs = envs
        self.observation: Any = None
        self.action_mask: Masks | None = None
        self.num_elsewhere: NDArray[np.int64] | None = None
        self._mode = _autoreset_mode(envs)
        self._masks = ActionMasks(envs.single_action_space)
        self._gate: Any = envs if isinstance(envs, SerialVectorEnv) else VectorGate(envs, self._mode)
        self._gate.observations.warn = warn
        self._is_over = np.zeros(envs.num_envs, dtype=np.bool_)
        """Which environments reset in the next step."""
        self._num_idle = 0
        """For how many steps all of them did nothing but reset."""

    @property
    def takes_every_step(self) -> bool:
        """Whether every row of every step is one: not where environments reset in a step of its own."""
        return self._mode is not AutoresetMode.NEXT_STEP

    def reset(self, seeds: list[int]) -> None:
        """Start an episode in every environment, each with a seed of its own where that is possible.

        Raises:
            EnvironmentFailedError: if an environment raises, or gives what cannot be used.
        """
        self.observation, info = self._gate.reset(seed=seeds)
        self.action_mask = self._masks_of(info)
        self._is_over[:] = False

    def step(self, decision: Decision) -> tuple[Step, EpisodeEnds | None]:
        """Take one step in every environment; tells also whose episodes that ended, None if nobody's.

        Raises:
            EnvironmentFailedError: if an environment raises, or gives what cannot be used.
        """
        before, mask_before, was_over = self.observation, self.action_mask, self._is_over
        observation, reward, terminated, truncated, info = self._gate.step(decision.action)
        over = terminated | truncated
        has_reset = self._mode is AutoresetMode.SAME_STEP
        self.observation, self.action_mask = observation, self._masks_of(info, None if has_reset else over)
        led_to, mask_there, told = observation, self.action_mask, info
        is_reset, ends = None, None
        if self._mode is AutoresetMode.NEXT_STEP:
            self._is_over = over
            is_reset = was_over if np.count_nonzero(was_over) else None
            self._refuse_standstill(was_over)
        if np.count_nonzero(over):
            if self._mode is AutoresetMode.DISABLED:
                led_to = trees.copy(observation)
                self._start_anew(over)
            elif self._mode is AutoresetMode.SAME_STEP:
                told = self._gate.last_infos(info)
                led_to = self._with_last_ones(observation, info, np.flatnonzero(over))
                mask_there = self._with_last_masks(told, over)
            ends = EpisodeEnds(
                over if is_reset is None else over & ~is_reset, scores_of(told, self.envs.num_envs)
            )
        step = Step(
            before,
            decision.action,
            reward,
            terminated,
            truncated,
            led_to,
            action_mask=mask_before,
            next_action_mask=mask_there,
            is_reset=is_reset,
            memo=decision.memo,
            num_elsewhere=self.num_elsewhere,
        )
        return step, ends

    def _refuse_standstill(self, was_over: NDArray[np.bool_]) -> None:
        """Refuse environments that end their episodes in the very steps that reset them, again and again."""
        self._num_idle = self._num_idle + 1 if was_over.all() else 0
        if self._num_idle > _MOST_IDLE:
            raise self._gate.failed(
                f"For {_MOST_IDLE} steps all of them ended an episode in the step that resets it, so that no "
                "step was taken; in the autoreset mode NEXT_STEP terminated and truncated are False there."
            )

    def state_dict(self) -> dict[str, Any]:
        """Where the environments are; "environments" is None where they cannot say it."""
        can_save = hasattr(self.envs, "state_dict") and self.observation is not None
        return {
            "environments": self.envs.state_dict() if can_save else None,  # type: ignore[attr-defined]
            "observation": self.observation,
            "action_mask": self.action_mask,
            "is_over": self._is_over,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> str:
        """Go on from a state that `state_dict` gave.

        Returns:
            Empty, or why that could not be done exactly; then a `reset` must come first.
        """
        if state["observation"] is None:
            return ""
        if state["environments"] is None or not hasattr(self.envs, "load_state_dict"):
            return f"{type(self.envs).__name__} cannot be saved"
        problem: str = self.envs.load_state_dict(state["environments"]) or ""
        if not problem:
            self._load_observation(state["observation"], state["action_mask"])
            self._is_over = np.array(state["is_over"], dtype=np.bool_).reshape(self.envs.num_envs)
        return problem

    def _load_observation(self, observation: Any, mask: Any) -> None:
        space, num_envs = self.envs.single_observation_space, self.envs.num_envs
        if not trees.fits(space, observation, num_envs):
            raise ValueError(f"its observation is not {num_envs} values of {space}")
        if mask is not None and not (
            isinstance(mask, np.ndarray) and mask.ndim == 2 and len(mask) == num_envs
        ):
            raise ValueError(f"its action mask is not one for each of {num_envs} environments")
        self.observation, self.action_mask = observation, mask

    def _start_anew(self, over: NDArray[np.bool_]) -> None:
        """Reset the environments whose episode is over."""
        self.observation, info = self._gate.reset(options={"reset_mask": over.copy()})
        self.action_mask = _merged(over, self._masks_of(info), self.action_mask)

    def _masks_of(self, info: Mapping[str, Any], over: NDArray[np.bool_] | None = None) -> Masks | None:
        """The masks in an info; those that forbid everything allow all where an episode is over."""
        try:
            rows = self._masks.batch(info, self.envs.num_envs)
            return None if rows is None else self._masks.with_choices(rows, over)
        except Improper as found:
            raise self._gate.failed(str(found), found.index) from None

    def _with_last_masks(self, final: Mapping[str, Any], over: NDArray[np.bool_]) -> Masks | None:
        """The masks of the observations that the actions led to: where an episode ended, its last one's."""
        return _merged(over, self._masks_of(final, np.ones_like(over)), self.action_mask)

    def _with_last_ones(self, observation: Any, info: dict[str, Any], ended: NDArray[np.intp]) -> Any:
        """The observations that the actions led to: where an episode ended, its last one."""
        result = trees.copy(observation)
        trees.replace(result, ended, self._gate.last_ones(info, ended))
        return result


def _autoreset_mode(envs: VectorEnv[Any, Any, Any]) -> AutoresetMode:
    """The environments' autoreset mode.

    Raises:
        RunError: if they name none.
    """
    mode = envs.metadata.get("autoreset_mode")
    try:
        return AutoresetMode(mode)
    except ValueError:
        raise RunError(
            f"The environments have the autoreset mode {mode!r} in their metadata; it must be one of "
            f"{', '.join(map(str, AutoresetMode))}, so that the ends of episodes can be told."
        ) from None


def _merged(chosen: NDArray[np.bool_], masks: Masks | None, others: Masks | None) -> Masks | None:
    """Where chosen, the one's rows, elsewhere the other's; None allows everything."""
    if masks is None and others is None:
        return None
    ones = np.ones(1, np.int8)
    return np.where(chosen[:, None], ones if masks is None else masks, ones if others is None else others)
