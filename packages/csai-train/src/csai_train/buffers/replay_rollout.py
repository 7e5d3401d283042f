"""A rollout whose steps wait in a replay buffer that somebody else has made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.errors import ConfigError
from csai_train.buffers.replay import ReplayBuffer
from csai_train.buffers.rollout import RolloutBuffer


class ReplayRollout(RolloutBuffer):
    """Keeps every step in a replay buffer; what that gives back of a full rollout is what is learned from.

    Args:
        memory: the replay buffer. It is emptied now, and whenever its steps are taken for an update.
        num_steps: how many steps make a rollout.
        num_envs: how many environments take each of them.

    Raises:
        ConfigError: if the replay buffer holds less than that.
    """

    def __init__(self, memory: ReplayBuffer, num_steps: int, num_envs: int) -> None:
        super().__init__(num_steps, num_envs)
        if memory.capacity < num_steps * num_envs:
            raise ConfigError(
                f"{num_steps * num_envs} steps are collected for an update, but the {type(memory).__name__} "
                f"holds {memory.capacity}. Make it with a larger capacity, or collect fewer steps."
            )
        self.memory = memory
        memory.clear_memory()

    def add(
        self,
        observation: Any,
        action: Any,
        reward: NDArray[np.float64],
        terminated: NDArray[np.bool_],
        truncated: NDArray[np.bool_],
        next_observation: Any,
        action_mask: NDArray[np.int8] | None = None,
        is_reset: NDArray[np.bool_] | None = None,
        memory: Any = None,
        next_memory: Any = None,
    ) -> None:
        """Note one step of all environments; see `RolloutBuffer.add`."""
        step = (observation, action, reward, terminated, truncated, next_observation)
        super().add(*step, action_mask, is_reset, memory, next_memory)
        # Rows that are no steps are stored too, so that the memory stays in rows of all environments.
        self.memory.extend(Step(*step))
        if self.is_full:
            self._take_back()

    def _take_back(self) -> None:
        kept = self.memory.in_order()
        shape = (self.num_steps, self.num_envs)
        given, size = len(kept.reward), self.num_steps * self.num_envs
        if given != size:
            raise ConfigError(
                f"The {type(self.memory).__name__} gave back {given} of the {size} steps that were stored in "
                "it. Use a buffer that keeps all, such as BasicReplayBuffer."
            )
        # What was cut is known here alone, where a resume cuts an episode after its step was stored.
        for name in ("observation", "action", "reward", "terminated"):
            column = trees.apply(lambda each: each.reshape(*shape, *each.shape[1:]), getattr(kept, name))
            setattr(self, name, column)
        self.memory.clear_memory()

    def state_dict(self) -> dict[str, Any]:
        """The rollout that is under way, and the memory.

        Its capacity is left out: it is never full, and a rollout with a larger one is in the same state.
        """
        memory = {name: part for name, part in self.memory.state_dict().items() if name != "capacity"}
        return {"rollout": super().state_dict(), "memory": memory}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        super().load_state_dict(state["rollout"])
        self.memory.load_state_dict({**state["memory"], "capacity": self.memory.capacity})
