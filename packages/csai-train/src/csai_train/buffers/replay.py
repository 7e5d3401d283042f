"""Replay buffers: the newest transitions, kept in columns and drawn at random."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from gymnasium.vector import VectorEnv
from numpy.typing import ArrayLike, NDArray

from csai_core import trees
from csai_core.algorithm import Step
from csai_core.arguments import check_int, check_seed
from csai_core.errors import ConfigError, ContractError
from csai_train.buffers.columns import Columns


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
    """(batch,): where they lie in the buffer, for `update_priorities`; None where they were not drawn."""
    next_action_mask: Any = None
    """(batch, number of actions): 1 where an action is allowed next; None where all always are."""


class ReplayBuffer:
    """Remembers the newest `capacity` transitions.

    The arrays are made when the first transition arrives, in its shapes and dtypes (uint8 stays uint8).
    Pictures are kept once, however many observations show them: a million transitions of stacks of 4 x 84 x
    84 bytes take the 6.6 GiB of their pictures, and at most 1.3 besides, rather than 52.6.

    A buffer of another kind is derived from this one, and says in two methods what it does otherwise: in
    `place`, where a transition goes, and in `draw`, which of them are drawn. What it makes of those stands in
    `sample`; what it keeps besides, it saves in `state_dict` and forgets in `clear_memory`.

    Args:
        batch_size: how many transitions a batch holds.
        capacity: how many are remembered; the oldest are forgotten first.
        seed: makes the draws repeatable.

    Attributes:
        random: the generator, for everything that is left to chance; it is saved and seeded here.
        num_stored: how many transitions were placed since the memory was empty, forgotten ones included.
        num_drawable: how many lie at the positions from 0 up to this number, for `draw` to choose from.

    Raises:
        ConfigError: if a size is below 1, or the seed is none.
    """

    def __init__(self, batch_size: int = 32, capacity: int = 100_000, *, seed: int | None = None) -> None:
        owner = type(self).__name__
        self.batch_size = check_int(owner, "batch_size", batch_size, 1)
        self.capacity = check_int(owner, "capacity", capacity, 1)
        self.random = np.random.default_rng(check_seed(owner, seed))
        self.num_stored = 0
        self.num_drawable = 0
        self._columns = Columns(owner, self.capacity)
        self._waiting: dict[str, Any] | None = None
        """The newest transition, until it is known which state followed."""

    def seed(self, seed: int) -> None:
        """Draw from now on as a buffer that is made with this seed."""
        self.random = np.random.default_rng(check_seed(f"{type(self).__name__}.seed", seed))

    def size(self) -> int:
        """How many transitions are remembered."""
        return min(self.num_drawable + (self._waiting is not None), self.capacity)

    # --- what a buffer of another kind does otherwise

    def place(self, rows: Mapping[str, Any], env: NDArray[np.int64]) -> NDArray[np.int64]:
        """Choose where new transitions go: here over the oldest, round and round.

        It is called once for every step that is stored, before the transitions are written. They will be.

        Args:
            rows: the transitions, by the names of the fields of `Transitions`, each with leading axis count.
            env: (count,), which of the environments each comes from; 0 from `store_memory`.

        Returns:
            (count,), positions from 0 to capacity - 1, of which free ones are taken in their order: while
            `num_drawable` is below `capacity`, it is the next. -1 for a transition that is not kept.
        """
        return (self.num_stored + np.arange(len(env))) % self.capacity

    def check_form(self, rows: Mapping[str, Any]) -> None:
        """Refuse transitions of a form that this buffer is not for; here it is for any.

        It is called with the first transitions that are stored; all others must be like them.

        Args:
            rows: the transitions, as for `place`.

        Raises:
            ConfigError: saying what it takes.
        """

    def draw(self, n: int) -> NDArray[np.int64]:
        """Choose which transitions are drawn: here each draw is from all of them, evenly.

        Args:
            n: how many; there may be fewer, but never none.

        Returns:
            (n,), positions from 0 to `num_drawable` - 1, drawn with `random`.
        """
        return self.random.integers(self.num_drawable, size=n)

    def set_envs(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """Hear in which environments the transitions are made; a training says so before its first step.

        For buffers that ask them something, such as what another goal would have paid; see `one_of`.
        """

    def cut_episodes(self) -> None:
        """Hear that the episodes under way were cut: what is stored next belongs to new ones.

        For buffers that join the steps of an episode.
        """

    def update_priorities(self, position: NDArray[np.int64] | None, error: ArrayLike) -> None:
        """Hear how wrong the values of some transitions were; they are drawn evenly all the same.

        Args:
            position: (batch,), where they lie, as `sample` told.
            error: (batch,), temporal-difference errors of either sign.
        """

    # --- what every buffer does

    def take(self, position: NDArray[np.int64]) -> Transitions:
        """Copies of the transitions at an array of positions."""
        return Transitions(**self._columns.take(position))

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
                in a loop that stores one step after the other; until then the transition is not drawn. Where
                the game ended, none is needed.
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
        observation = trees.of_one(state)
        rows = {
            "observation": observation,
            "action": trees.of_one(action),
            "reward": np.array([reward], dtype=np.float32),
            "next_observation": observation if next_state is None else trees.of_one(next_state),
            "terminated": np.array([done], dtype=np.bool_),
            "truncated": np.array([truncated], dtype=np.bool_),
        }
        for name, given in (("log_prob", probs), ("value", vals)):
            if given is not None:
                rows[name] = np.array([given], dtype=np.float32)
        self._prepare(rows)
        if self._waiting is not None:
            self._add({**self._waiting, "next_observation": observation}, _FIRST_ENV)
            self._waiting = None
        if next_state is None and not done:
            self._waiting = trees.copy(rows)
        else:
            self._add(rows, _FIRST_ENV)

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
            ConfigError: if the newest transition still waits for its next state, or a shape differs from the
                first transition's.
        """
        if self._waiting is not None:
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
        env = np.arange(len(step.reward))
        if step.is_reset is not None:
            rows, env = trees.take(rows, ~step.is_reset), env[~step.is_reset]
        self._prepare(rows)
        if len(env):
            self._add(rows, env)

    def sample(self, n: int | None = None) -> Transitions:
        """Draw transitions, with `draw`; one may come twice.

        Args:
            n: how many; None draws `batch_size`.

        Raises:
            ConfigError: if none can be drawn yet.
            ContractError: if `draw` gave what it must not.
        """
        if not self.num_drawable:
            raise ConfigError(f"This {type(self).__name__} holds no complete transition to sample yet.")
        n = self.batch_size if n is None else n
        position = np.asarray(self.draw(n))
        if position.shape != (n,) or position.min() < 0 or position.max() >= self.num_drawable:
            raise ContractError(
                f"{type(self).__name__}.draw gave the positions {position} for a batch of {n}. Give as many, "
                f"from 0 to {self.num_drawable - 1}, where something is stored."
            )
        return self.take(position)._replace(position=position)

    def generate_batches(self) -> list[Transitions]:
        """Everything remembered, in random order, in batches of `batch_size` (the last may be smaller)."""
        order = self.random.permutation(self._positions())
        return [self.take(order[i : i + self.batch_size]) for i in range(0, len(order), self.batch_size)]

    def in_order(self) -> Transitions:
        """Everything remembered, the oldest first, where `place` goes round and round."""
        if not self.num_drawable:
            raise ConfigError(f"This {type(self).__name__} holds no complete transition yet.")
        return self.take(self._positions())

    def clear_memory(self) -> None:
        """Forget everything."""
        self.num_stored = self.num_drawable = 0
        self._waiting = None

    def state_dict(self) -> dict[str, Any]:
        """Everything remembered, in copies, and the generator's state."""
        return {
            "capacity": self.capacity,
            "columns": self._columns.first(self.num_drawable),
            "drawable": self.num_drawable,
            "total": self.num_stored,
            "waiting": self._waiting,
            "generator": self.random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Remember what `state_dict` gave.

        Raises:
            ConfigError: if it is of a buffer of another capacity.
        """
        if state["capacity"] != self.capacity:
            raise ConfigError(
                f"What a buffer of {state['capacity']:,} transitions remembers cannot be taken over by "
                f"one of {self.capacity:,}."
            )
        self.num_stored, self.num_drawable = state["total"], state["drawable"]
        self._columns.load(state["columns"], self.num_drawable)
        self._waiting = state["waiting"]
        self.random.bit_generator.state = state["generator"]

    # --- inner workings

    def _positions(self) -> NDArray[np.int64]:
        """Where everything lies, the oldest first."""
        if self.num_drawable < self.capacity:
            return np.arange(self.num_drawable)
        return (np.arange(self.capacity) + self.num_stored) % self.capacity

    def _prepare(self, rows: Mapping[str, Any]) -> None:
        """Make sure that rows can be stored, before anything is changed."""
        if not self._columns:
            self.check_form(rows)
            self._columns.make(rows)
        self._columns.require_like(rows)

    def _add(self, rows: Mapping[str, Any], env: NDArray[np.int64]) -> None:
        count = len(env)
        if count > self.capacity:
            raise ConfigError(f"{count} transitions at once do not fit a capacity of {self.capacity}.")
        self._columns.make_room(count)
        position = np.asarray(self.place(rows, env))
        if position.shape != (count,) or position.max() >= min(self.capacity, self.num_drawable + count):
            raise ContractError(
                f"{type(self).__name__}.place gave the positions {position} for {count} transitions. Give "
                f"one for each, below the capacity of {self.capacity}, and the free ones in their order: now "
                f"{self.num_drawable} is the next."
            )
        first, last = int(position[0]), int(position.max())
        if count == 1 and last >= 0:
            self._columns.put(slice(first, first + 1), rows)  # much faster than at an array
        elif (is_kept := position >= 0).all():
            self._columns.put(position, rows)
        else:
            self._columns.put(position[is_kept], trees.take(rows, is_kept))
        self.num_stored += count
        self.num_drawable = max(self.num_drawable, last + 1)


class BasicReplayBuffer(ReplayBuffer):
    """A replay buffer for observations and actions that are plain numbers or arrays."""

    def check_form(self, rows: Mapping[str, Any]) -> None:
        """Refuse dicts and tuples."""
        for name in ("observation", "action"):
            if isinstance(rows[name], (dict, tuple)):
                raise ConfigError(
                    f"A BasicReplayBuffer was given a {type(rows[name]).__name__} as an {name}; use a "
                    "DictReplayBuffer for dicts, and a ReplayBuffer for anything else."
                )


class DictReplayBuffer(ReplayBuffer):
    """A replay buffer for observations that are dicts, which are stored key by key; so are dict actions."""

    def check_form(self, rows: Mapping[str, Any]) -> None:
        """Refuse what is no dict."""
        if not isinstance(rows["observation"], dict):
            raise ConfigError(
                "A DictReplayBuffer was given an observation that is no dict; use a BasicReplayBuffer."
            )


_FIRST_ENV = np.zeros(1, np.int64)
