"""The rollout buffer: a stretch of experience that is learned from once and then overwritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from csai_core import trees
from csai_core.arguments import check_int
from csai_core.memory import require_memory

_SMALLER = "Give a smaller num_steps or num_envs."


class RolloutBuffer:
    """`num_steps` steps of `num_envs` environments, in arrays with axes (num_steps, num_envs, …).

    The arrays are made when the first step arrives, in its shapes and dtypes.

    Args:
        num_steps: how many steps it holds.
        num_envs: how many environments take each of them.

    Attributes:
        observation: what was seen; a dict of arrays for Dict spaces.
        action: what was done.
        reward: (num_steps, num_envs), float32.
        terminated: (num_steps, num_envs).
        truncated: (num_steps, num_envs).
        action_mask: (num_steps, num_envs, num_actions), or None where nothing is masked.
        is_reset: (num_steps, num_envs), which rows are no steps (see `Step.is_reset`), or None for none.
        first_memory: what was remembered before the first step, leading axis num_envs; None where nothing is.
        next_observation: what the last step led to; where something is remembered, with that, in a tuple.
        cut_short: for each episode that was truncated, (step, environment, its last observation), likewise.
    """

    def __init__(self, num_steps: int, num_envs: int) -> None:
        self.num_steps = num_steps = check_int("RolloutBuffer", "num_steps", num_steps, 1)
        self.num_envs = num_envs = check_int("RolloutBuffer", "num_envs", num_envs, 1)
        require_memory(
            f"A rollout of {num_steps:,} steps in {num_envs:,} environments",
            6 * num_steps * num_envs,
            _SMALLER,
        )
        self.observation: Any = None
        self.action: Any = None
        self.action_mask: NDArray[np.int8] | None = None
        self.reward = np.zeros((num_steps, num_envs), dtype=np.float32)
        self.terminated = np.zeros((num_steps, num_envs), dtype=np.bool_)
        self.truncated = np.zeros((num_steps, num_envs), dtype=np.bool_)
        self.is_reset: NDArray[np.bool_] | None = None
        self.first_memory: Any = None
        self.next_observation: Any = None
        self.cut_short: list[tuple[int, int, Any]] = []
        self.position = 0

    @property
    def is_full(self) -> bool:
        """Whether it is time to learn."""
        return self.position == self.num_steps

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
        """Note one step of all environments; after a full rollout the next one begins.

        Args:
            observation: what was seen before it.
            action: what was done.
            reward: (num_envs,).
            terminated: (num_envs,).
            truncated: (num_envs,).
            next_observation: what the step led to; at an episode's end its last observation.
            action_mask: (num_envs, num_actions) of what was allowed, or None.
            is_reset: (num_envs,), which rows are no steps, or None.
            memory: what was remembered before the step, leading axis num_envs, or None.
            next_memory: what is remembered after it, as if its episode went on.
        """
        if self.is_full:
            self.position = 0
            self.cut_short = []
        t = self.position
        if self.observation is None:
            self._require_memory(observation, action)
            self.observation = _room_for(observation, self.num_steps)
            self.action = _room_for(action, self.num_steps)
        if action_mask is not None and self.action_mask is None:
            self.action_mask = np.ones((self.num_steps, *action_mask.shape), dtype=np.int8)
        trees.replace(self.observation, t, observation)
        trees.replace(self.action, t, action)
        if self.action_mask is not None:
            self.action_mask[t] = 1 if action_mask is None else action_mask
        self.reward[t], self.terminated[t], self.truncated[t] = reward, terminated, truncated
        if is_reset is not None and self.is_reset is None:
            self.is_reset = np.zeros((self.num_steps, self.num_envs), dtype=np.bool_)
        if self.is_reset is not None:
            self.is_reset[t] = False if is_reset is None else is_reset
        if t == 0 and memory is not None:
            self.first_memory = trees.copy(memory)
        led_to = next_observation if memory is None else (next_observation, next_memory)
        if np.count_nonzero(truncated):
            for i in np.flatnonzero(truncated & ~terminated):
                self.cut_short.append((t, int(i), trees.take(led_to, int(i))))
        self.next_observation = trees.copy(led_to)
        self.position += 1

    def _require_memory(self, *batches: Any) -> None:
        """Refuse a rollout that does not fit this machine."""
        sizes: list[int] = []
        for batch in batches:
            trees.apply(lambda array: sizes.append(array.nbytes), batch)
        require_memory(
            f"A rollout of {self.num_steps:,} steps in {self.num_envs:,} environments",
            sum(sizes) * self.num_steps,
            _SMALLER,
        )

    def cut(self) -> None:
        """Hear that the episodes under way were cut after the last step: what follows belongs to others."""
        t = self.position - 1
        if t < 0 or self.is_full:
            return
        goes_on = ~(self.terminated[t] | self.truncated[t])
        if self.is_reset is not None:
            goes_on &= ~self.is_reset[t]
        self.truncated[t] |= goes_on
        for i in np.flatnonzero(goes_on):
            self.cut_short.append((t, int(i), trees.take(self.next_observation, int(i))))

    @property
    def num_taken(self) -> int:
        """How many steps it holds, over all environments."""
        size = self.position * self.num_envs
        return size if self.is_reset is None else size - int(self.is_reset[: self.position].sum())

    def taken(self) -> NDArray[np.int64] | slice:
        """Which rows of `flat()` are steps: nothing may be learned from others."""
        return slice(None) if self.is_reset is None else np.flatnonzero(~self.is_reset)

    def flat(self) -> tuple[Any, Any, NDArray[np.int8] | None]:
        """Observations, actions and masks with one leading axis of num_steps * num_envs."""
        mask = None if self.action_mask is None else _flat(self.action_mask)
        return _flat(self.observation), _flat(self.action), mask

    def next_values(
        self, values: NDArray[np.float32], judge: Callable[[Any], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        """The values of what each step led to, never those of another episode where one was cut short.

        Args:
            values: (num_steps, num_envs), of the observations.
            judge: gives the values of a batch of observations, which are in a tuple with what is remembered.
        """
        following = np.empty_like(values)
        following[:-1] = values[1:]
        following[-1] = judge(self.next_observation)
        for t, i, last_observation in self.cut_short:
            following[t, i] = judge(trees.of_one(last_observation))[0]
        return following

    def state_dict(self) -> dict[str, Any]:
        """The rollout that is under way, in arrays of its own."""
        names = ("observation", "action", "action_mask", "reward", "terminated", "truncated", "is_reset")
        return {
            **{name: _copied(getattr(self, name)) for name in (*names, "first_memory", "next_observation")},
            "cut_short": list(self.cut_short),
            "position": self.position,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave; one of other environments is left out."""
        if state["reward"].shape != self.reward.shape:
            return
        for name, value in state.items():
            setattr(self, name, _copied(value))
        self.cut_short = list(state["cut_short"])


def _copied(value: Any) -> Any:
    """A batch that shares no memory with the given one; other values are as they are."""
    return trees.copy(value) if isinstance(value, (dict, tuple, np.ndarray)) else value


def _room_for(batch: Any, num_steps: int) -> Any:
    """Arrays for `num_steps` batches like this one."""
    return trees.apply(lambda each: np.zeros((num_steps, *each.shape), dtype=each.dtype), batch)


def _flat(tree: Any) -> Any:
    """Arrays with axes (num_steps, num_envs, …) as ones with axes (num_steps * num_envs, …)."""
    return trees.apply(lambda array: array.reshape(-1, *array.shape[2:]), tree)
