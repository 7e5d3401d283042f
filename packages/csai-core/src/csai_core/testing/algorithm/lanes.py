"""Several copies of an environment side by side, as a training steps them, and the Steps to learn from."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from csai_core import trees
from csai_core.algorithm import Decision, Step
from csai_core.episode_memory import EpisodeMemory
from csai_core.testing.algorithm.rooms import Rooms
from csai_core.testing.compare import snapshot


class Lanes:
    """Plays copies of an environment, which start again when an episode has ended.

    Args:
        env: what is copied.
        num_envs: how often.
        memory: what whoever plays remembers of the episodes; None remembers nothing.
        seed: of the first reset; each copy adds its number.
        resets_take_a_step: whether a copy whose episode has ended takes a step to reset, in which its action
            means nothing, as in Gymnasium's mode NEXT_STEP; otherwise that happens in the same step.

    Attributes:
        observation: a batch, what is seen now.
        action_mask: (num_envs, number of actions), or None where all are allowed.
        memory: as it is now.
        was_stopped: whether all episodes were cut with the step before.
    """

    def __init__(
        self,
        env: Rooms,
        num_envs: int,
        memory: EpisodeMemory | None = None,
        *,
        seed: int = 7,
        resets_take_a_step: bool = False,
    ) -> None:
        self.envs = [copy.deepcopy(env) for _ in range(num_envs)]
        if num_envs > 1 and env.world.first_starts:
            self.envs[0].starts = env.world.first_starts
        if num_envs > 1 and env.world.last_starts:
            self.envs[-1].starts = env.world.last_starts
        self.memory = memory
        self._resets_take_a_step = resets_take_a_step
        self._is_over = np.zeros(num_envs, np.bool_)
        self.was_stopped = False
        self._show([each.reset(seed=seed + i) for i, each in enumerate(self.envs)])

    def step(self, decision: Decision) -> Step:
        """Take a step in every copy; what is to be learned from it, in arrays that nobody else holds."""
        before, mask_before, was_over = self.observation, self.action_mask, self._is_over
        actions = trees.unstack(decision.action, len(self.envs))
        results = [
            (*self._restart(i), 0.0, False, False) if was_over[i] else self._advance(i, action)
            for i, action in enumerate(actions)
        ]
        reward = np.array([result[2] for result in results], np.float64)
        terminated, truncated = (np.array([result[part] for result in results], np.bool_) for part in (3, 4))
        self._show([result[:2] for result in results])
        led_to, mask_there = self.observation, self.action_mask
        over = terminated | truncated
        self.was_stopped = any(each.is_stopped for each in self.envs)
        if self.was_stopped:
            self._show([self._restart(i) for i in range(len(self.envs))])
        elif self._resets_take_a_step:
            self._is_over = over
        elif over.any():
            shown = [self._restart(i) if over[i] else result[:2] for i, result in enumerate(results)]
            self._show(shown)
        taken = Step(
            trees.copy(before),
            trees.apply(np.array, decision.action),
            reward,
            terminated,
            truncated,
            trees.copy(led_to),
            action_mask=_copied(mask_before),
            next_action_mask=_copied(mask_there),
            is_reset=was_over.copy() if was_over.any() else None,
            memo=snapshot(decision.memo),
        )
        self._remember(decision, taken)
        return taken

    def _remember(self, decision: Decision, step: Step) -> None:
        """Carry the memory on, unless somebody else decided, who remembers nothing."""
        if self.memory is not None and decision.memory is not None:
            self.memory.follow(decision, step)
            if self.was_stopped:
                self.memory.start_again(np.ones(len(self.envs), np.bool_))

    def _advance(self, index: int, action: Any) -> tuple[Any, dict[str, Any], float, bool, bool]:
        observation, reward, terminated, truncated, info = self.envs[index].step(action)
        return observation, info, float(reward), terminated, truncated

    def _restart(self, index: int) -> tuple[Any, dict[str, Any]]:
        return self.envs[index].reset()

    def _show(self, shown: list[Any]) -> None:
        self.observation = trees.stack(self.envs[0].observation_space, [each[0] for each in shown])
        masks = [each[1].get("action_mask") for each in shown]
        self.action_mask = None if masks[0] is None else np.array(masks, np.int8)


def _copied(mask: Any) -> Any:
    return None if mask is None else mask.copy()
