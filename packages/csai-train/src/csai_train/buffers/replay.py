"""Replay buffers: the newest transitions, kept in preallocated arrays and drawn at random."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.arguments import check_int, check_seed
from csai_core.errors import ConfigError
from csai_core.memory import require_memory


class Transitions(NamedTuple):
    """Some transitions, in arrays or in tensors; every field has leading axis batch.

    Observations and actions of Dict spaces are dicts of arrays.
    """

    observation: Any
    action: Any
    reward: Any
    """(batch,), float32."""
    next_observation: Any
    terminated: Any
    """(batch,): the game itself ended; nothing follows."""
    truncated: Any
    """(batch,): the episode was cut short; what would have followed still counts."""
    log_prob: Any = None
    """(batch,): of the action when it was chosen; NaN where that was not given, None where it never was."""
    value: Any = None
    """(batch,): of the observation as it was judged then; likewise."""
    num_steps: Any = 1
    """(batch,), or 1 for all: how many steps lead to next_observation; reward is their discounted sum."""
    weight: Any = None
    """(batch,): how much each should count, where they were not drawn evenly."""
    position: Any = None
    """(batch,): where they lie in the buffer, where that can be told to it."""
    next_action_mask: Any = None
    """(batch, number of actions): 1 where an action is allowed next; None where all always are."""


class ReplayBuffer:
    """Remembers the newest `capacity` transitions.

    The arrays are made when the first transition arrives, in its shapes and dtypes (uint8 stays uint8).

    Args:
        batch_size: how many transitions a batch holds.
        capacity: how many are remembered; the oldest are forgotten first.
        seed: makes the draws repeatable.

    Raises:
        ConfigError: if a size is below 1, or the seed is none.
    """

    def __init__(self, batch_size: int = 32, capacity: int = 100_000, *, seed: int | None = None) -> None:
        owner = type(self).__name__
        self.batch_size = check_int(owner, "batch_size", batch_size, 1)
        self.capacity = check_int(owner, "capacity", capacity, 1)
        self._random = np.random.default_rng(check_seed(owner, seed))
        self._columns: dict[str, Any] = {}
        self._total = 0
        self._is_next_unknown = False

    def seed(self, seed: int) -> None:
        """Draw from now on as a buffer that is made with this seed."""
        self._random = np.random.default_rng(check_seed(f"{type(self).__name__}.seed", seed))

    def size(self) -> int:
        """How many transitions are remembered."""
        return min(self._total, self.capacity)

    def store_memory(
        self,
        state: Any,
        action: Any,
        probs: float | None,
        vals: float | None,
        reward: float,
        done: bool,
        next_state: Any = None,
        truncated: bool = False,
    ) -> None:
        """Remember one transition.

        Args:
            state: the observation before the action.
            action: the action.
            probs: the log-probability with which it was chosen, if that is known.
            vals: the value that was expected of the state, if that is known.
            reward: what the action brought.
            done: whether the game itself ended (terminated).
            next_state: the observation after the action; None takes the state that is stored next, as
                in a loop that stores one step after the other. Where the game ended, none is needed.
            truncated: whether the episode was cut short here; then `next_state` must be given.

        Raises:
            ConfigError: if `next_state` is missing where it cannot be guessed, or a shape differs from
                the first transition's.
        """
        if next_state is None and truncated and not done:
            raise ConfigError(
                "A truncated transition was stored without next_state, but the state that is stored next "
                "belongs to another episode. Give next_state, the last observation of this one."
            )
        one = self._of_one
        state_batch = one("observation", state)
        rows = {
            "observation": state_batch,
            "action": one("action", action),
            "reward": np.array([reward], dtype=np.float32),
            "next_observation": state_batch if next_state is None else one("next_observation", next_state),
            "terminated": np.array([done], dtype=np.bool_),
            "truncated": np.array([truncated], dtype=np.bool_),
        }
        for name, given in (("log_prob", probs), ("value", vals)):
            if given is not None:
                rows[name] = np.array([given], dtype=np.float32)
        if not self._columns:
            self._allocate(rows)
        if self._is_next_unknown:
            newest = (self._total - 1) % self.capacity
            self._put(slice(newest, newest + 1), {"next_observation": state_batch})
        self._is_next_unknown = next_state is None and not done
        self._append(1, rows)

    def extend(
        self,
        step: Step,
        log_prob: NDArray[np.float32] | None = None,
        value: NDArray[np.float32] | None = None,
        num_steps: int = 1,
    ) -> None:
        """Remember one step of several environments; rows that are no steps are left out.

        Args:
            step: the step.
            log_prob: (num_envs,), of the actions, if that is known.
            value: (num_envs,), of the observations, if that is known.
            num_steps: how many steps lead to next_observation.

        Raises:
            ConfigError: if the newest transition still waits for its next state.
        """
        if self._is_next_unknown:
            raise ConfigError(
                "The newest transition was stored without next_state, and a step of several environments "
                "cannot tell it. Give next_state, or store one by one."
            )
        rows = {
            "observation": step.observation,
            "action": step.action,
            "reward": step.reward.astype(np.float32),
            "next_observation": step.next_observation,
            "terminated": step.terminated,
            "truncated": step.truncated,
        }
        if log_prob is not None:
            rows["log_prob"] = log_prob
        if value is not None:
            rows["value"] = value
        if step.next_action_mask is not None:
            rows["next_action_mask"] = step.next_action_mask
        if num_steps > 1:
            rows["num_steps"] = np.full(len(step.reward), num_steps, dtype=np.int16)
        if step.is_reset is not None:
            rows = trees.take(rows, ~step.is_reset)
        self._append(len(rows["reward"]), rows)

    def sample(self, n: int | None = None) -> Transitions:
        """Draw transitions evenly, each draw from all of them.

        Args:
            n: how many; None draws `batch_size`.

        Raises:
            ConfigError: if none can be drawn yet.
        """
        count = self._num_complete()
        if count == 0:
            raise ConfigError(f"This {type(self).__name__} holds no complete transition to sample yet.")
        chosen = self._random.integers(count, size=self.batch_size if n is None else n)
        return self._take(self._positions(count)[chosen] if self._is_next_unknown else chosen)

    def update_priorities(self, position: NDArray[np.int64] | None, error: ArrayLike) -> None:
        """Hear how wrong the values of some transitions were; they are drawn evenly all the same."""

    def generate_batches(self) -> list[Transitions]:
        """Everything remembered, in random order, in batches of `batch_size` (the last may be smaller)."""
        count = self._num_complete()
        order = self._random.permutation(self._positions(count))
        return [self._take(order[i : i + self.batch_size]) for i in range(0, count, self.batch_size)]

    def in_order(self) -> Transitions:
        """Everything remembered, the oldest first."""
        if self._num_complete() == 0:
            raise ConfigError(f"This {type(self).__name__} holds no complete transition yet.")
        return self._take(self._positions(self._num_complete()))

    def clear_memory(self) -> None:
        """Forget everything."""
        self._total = 0
        self._is_next_unknown = False

    def state_dict(self) -> dict[str, Any]:
        """Everything remembered, and the generator's state."""
        return {
            "columns": trees.take(self._columns, slice(0, self.size())),
            "total": self._total,
            "is_next_unknown": self._is_next_unknown,
            "generator": self._random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Remember what `state_dict` gave."""
        self._columns = {}
        if state["columns"]:
            self._allocate(state["columns"])
            size = min(state["total"], self.capacity)
            self._put(slice(0, size), state["columns"])
        self._total = state["total"]
        self._is_next_unknown = state["is_next_unknown"]
        self._random.bit_generator.state = state["generator"]

    def _num_complete(self) -> int:
        """How many transitions are complete: the newest may still wait for its next state."""
        return self.size() - int(self._is_next_unknown)

    def _positions(self, count: int) -> NDArray[np.int64]:
        """Where the oldest `count` transitions lie."""
        oldest = self._total - self.size()
        return np.arange(oldest, oldest + count) % self.capacity

    def _append(self, count: int, rows: Mapping[str, Any]) -> None:
        if not self._columns:
            self._allocate(rows)
        if rows.keys() != self._columns.keys():
            rows = self._completed(rows)
        if count > self.capacity:
            raise ConfigError(f"{count} transitions at once do not fit a capacity of {self.capacity}.")
        start = self._total % self.capacity
        index: Any = slice(start, start + count)
        if start + count > self.capacity:
            index = np.arange(start, start + count) % self.capacity
        self._put(index, rows)
        self._total += count

    def _completed(self, rows: Mapping[str, Any]) -> dict[str, Any]:
        """Rows with all that the buffer keeps, after making room for what was never given before."""
        added = {name: _UNKNOWN[name] for name in _UNKNOWN if name in self._columns}
        rows = {**added, **rows}
        for name in rows.keys() & _UNKNOWN.keys() - self._columns.keys():
            shape = (self.capacity, *rows[name].shape[1:])
            self._columns[name] = np.full(shape, _UNKNOWN[name], _UNKNOWN[name].dtype)
        return rows

    def _of_one(self, name: str, value: Any) -> Any:
        """A batch of one value, which must be like those stored before."""
        batch = trees.of_one(value)
        if self._columns and not _is_like(self._columns[name], batch):
            raise ConfigError(
                f"This {type(self).__name__} holds {name}s of {_form(self._columns[name])}; one of "
                f"{_form(batch)} cannot be stored with them."
            )
        return batch

    def _allocate(self, rows: Mapping[str, Any]) -> None:
        sizes: list[int] = []
        trees.apply(lambda array: sizes.append(math.prod(array.shape[1:]) * array.itemsize), dict(rows))
        needed = sum(sizes) * self.capacity
        require_memory(
            f"A buffer of {self.capacity:,} such transitions", needed, "Give it a smaller capacity."
        )
        self._columns = trees.apply(
            lambda array: np.empty((self.capacity, *array.shape[1:]), dtype=array.dtype), dict(rows)
        )

    def _put(self, index: Any, rows: Mapping[str, Any]) -> None:
        """Write rows over those at `index`; a single one may stand for all of them."""
        name = ""
        try:
            for name, values in rows.items():
                trees.replace(self._columns[name], index, values)
        except (ValueError, KeyError, TypeError) as error:
            raise ConfigError(
                f"This {type(self).__name__} holds {name}s of {_form(self._columns[name])}; "
                f"one of another kind was stored: {error}"
            ) from error

    def _take(self, index: NDArray[np.int64]) -> Transitions:
        return Transitions(**trees.apply(lambda column: column.take(index, axis=0), self._columns))


class BasicReplayBuffer(ReplayBuffer):
    """A replay buffer for observations and actions that are plain numbers or arrays."""

    def _allocate(self, rows: Mapping[str, Any]) -> None:
        for name in ("observation", "action"):
            if isinstance(rows[name], (dict, tuple)):
                raise ConfigError(
                    f"A BasicReplayBuffer was given a {type(rows[name]).__name__} as an {name}; use a "
                    "DictReplayBuffer for dicts, and a ReplayBuffer for anything else."
                )
        super()._allocate(rows)


class DictReplayBuffer(ReplayBuffer):
    """A replay buffer for observations that are dicts, which are stored key by key; so are dict actions."""

    def _allocate(self, rows: Mapping[str, Any]) -> None:
        if not isinstance(rows["observation"], dict):
            raise ConfigError(
                "A DictReplayBuffer was given an observation that is no dict; use a BasicReplayBuffer."
            )
        super()._allocate(rows)


_UNKNOWN: dict[str, NDArray[Any]] = {
    "log_prob": np.full(1, np.nan, dtype=np.float32),
    "value": np.full(1, np.nan, dtype=np.float32),
    "num_steps": np.ones(1, dtype=np.int16),
    "next_action_mask": np.ones(1, dtype=np.int8),
}
"""What is not kept until it is first given, and what stands for it in transitions without it."""


def _is_like(column: Any, values: Any) -> bool:
    """Whether values can be put into a column without losing anything but precision."""
    if isinstance(column, dict):
        return (
            isinstance(values, dict)
            and column.keys() == values.keys()
            and all(_is_like(column[name], values[name]) for name in column)
        )
    if isinstance(column, tuple):
        return isinstance(values, tuple) and len(column) == len(values) and all(map(_is_like, column, values))
    return (
        isinstance(values, np.ndarray)
        and column.shape[1:] == values.shape[1:]
        and np.can_cast(values.dtype, column.dtype, "same_kind")
    )


def _form(batch: Any) -> Any:
    """Shapes and dtypes of single values."""
    return trees.apply(lambda array: f"shape {array.shape[1:]} of {array.dtype}", batch)
