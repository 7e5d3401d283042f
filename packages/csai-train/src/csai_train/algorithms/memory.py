"""The replay memory of deep Q-learning, SAC and TD3: what goes into it, and when a batch is drawn from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_core.algorithm import FirstUpdate, Step
from csai_core.arguments import MOST_ENVS
from csai_core.options import check_types, require
from csai_core.ranges import Range, ranging
from csai_core.schedules import ScheduledConfig, changing
from csai_neural.sequences import Sequences
from csai_train.algorithms.scaling import ObservationScaler
from csai_train.algorithms.schedules import linear
from csai_train.buffers.n_step import NStepAccumulator
from csai_train.buffers.prioritized import PrioritizedReplayBuffer
from csai_train.buffers.registry import find_replay_buffer
from csai_train.buffers.replay import ReplayBuffer, Transitions
from csai_train.buffers.sequences import SequenceJoiner, errors_by_sequence, laid_out
from csai_train.group import Group


@dataclass(frozen=True, kw_only=True)
class ReplayConfig:
    """Settings of learning from a replay memory."""

    num_envs: int = 1
    """How many environments are played side by side. More make acting cheaper and experience varied."""
    gamma: float = changing(0.99, range=Range(0.9, 0.999, "log_below_1"))
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999."""
    buffer_capacity: int = 50_000
    """How many transitions are remembered. Larger forgets less; usual 10,000 to 1,000,000."""
    buffer: str | None = field(default=None, metadata={"kind": "buffers"})
    """A replay memory by its registered name (csai list buffers); None takes one that fits the settings."""
    batch_size: int = ranging(128, Range(32, 512, "powers_of_2"))
    """Transitions in an update. Larger is steadier and slower; usual 32 to 256."""
    learning_starts: int = 1_000
    """Steps before the first update, at random, to fill the memory with some variety."""
    train_every: int = ranging(4, Range(1, 16, "powers_of_2"))
    """Steps from update to update. Smaller learns more from each step and takes longer; usual 1 to 16."""
    n_step: int = ranging(1, Range(1, 10, "log"))
    """How many rewards are seen before a value is trusted. Larger learns sooner, less steadily; 1 to 10."""
    prioritized: bool = False
    """Whether transitions that surprised are drawn more often."""
    priority_exponent: float = 0.6
    """How much surprise matters then: 0 draws evenly, 1 in proportion to the error."""
    importance_exponent: float = 0.4
    """How far uneven draws are made up for at the start; at the end of the training it is wholly, 1."""
    normalize_observation: bool = False
    """Whether observations are brought to mean 0 and deviation 1, as seen so far. For sizes that differ."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        check_types(self)
        require(1 <= self.num_envs <= MOST_ENVS, self, "num_envs", f"from 1 to {MOST_ENVS}")
        for name in ("buffer_capacity", "batch_size", "train_every", "n_step"):
            require(getattr(self, name) >= 1, self, name, "at least 1")
        for name in ("gamma", "priority_exponent", "importance_exponent"):
            require(0 <= getattr(self, name) <= 1, self, name, "from 0 to 1")
        require(
            self.batch_size <= self.buffer_capacity,
            self,
            "batch_size",
            f"at most {self.buffer_capacity}, the buffer's capacity, for there would never be such a batch",
        )
        require(self.learning_starts >= 0, self, "learning_starts", "at least 0")


class Memory:
    """Remembers steps, joined where several rewards are seen at once, and draws a batch when it is time to.

    Observations are remembered as they are, and scaled when they are drawn, by what has been seen until then.
    So the same one may look otherwise when it is drawn again, but never otherwise than new ones do.

    Args:
        observation_space: of one environment.
        config: the settings.
        total_steps: how long the training will be; uneven draws are made up for wholly at its end, and what
            changes is planned by it.
        seed: decides the draws.
        buffer: where transitions are kept; None makes the one that the config says.
        sequences: joins steps to sequences, for a network with memory; batches are of these then.

    Raises:
        UnknownNameError: if no buffer is registered under the name.
        ConfigError: if it is none to learn from.

    Attributes:
        num_steps: how many steps there were.
        buffer: where transitions are kept.
        scaler: scales observations before a network takes them.
        group: the processes that learn together, each from a memory of its own.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        config: ReplayConfig,
        total_steps: int,
        seed: int,
        buffer: ReplayBuffer | None = None,
        sequences: SequenceJoiner | None = None,
    ) -> None:
        self.num_steps = 0
        self.group = Group()
        self._num_envs = config.num_envs
        self._are_filled = False
        self.scaler = ObservationScaler(observation_space, is_on=config.normalize_observation)
        self._length = 1 if sequences is None else sequences.length
        self.buffer = _make_buffer(config, seed, self._length) if buffer is None else buffer
        self._config = config
        self._total_steps = total_steps
        self._settings = ScheduledConfig(config, total_steps)
        self._joiner: NStepAccumulator | SequenceJoiner | None = sequences
        if config.n_step > 1:
            self._joiner = NStepAccumulator(config.n_step, float(config.gamma))

    def after(self, step: Step) -> Iterator[Transitions]:
        """Remember a step, and draw a batch for each update that is due."""
        config, before = self._config, self.num_steps
        self.scaler.include(step.observation)
        for joined, count in [(step, 1)] if self._joiner is None else self._at(self._joiner).join(step):
            self.buffer.extend(joined, num_steps=count)
        self.num_steps += step.num_taken
        num_due = self.num_steps // config.train_every - before // config.train_every
        if num_due and self.num_steps > self._waits and self._is_filled():
            self.scaler.merge(self.group)
            for _ in range(num_due):
                yield self._drawn()

    def set_group(self, group: Group) -> None:
        """Draw when the others do, and scale by what all have seen; see `Algorithm.set_group`."""
        self.group = group
        self._num_envs = int(group.gather_rows(np.array([[float(self._num_envs)]])).sum())
        self.scaler.share()

    def _is_filled(self) -> bool:
        """Whether there is something to draw, in all processes."""
        if not self.group.is_shared:
            return bool(self.buffer.size())
        self._are_filled = self._are_filled or not self.group.any(not self.buffer.size())
        return self._are_filled

    @property
    def _waits(self) -> int:
        """After more steps than these, batches are drawn: there is variety then, and a whole sequence."""
        return max(self._config.learning_starts, self._num_envs * self._length - 1)

    def _drawn(self) -> Transitions:
        if not isinstance(self._joiner, SequenceJoiner):
            return self._scaled(self.buffer.sample(self._config.batch_size))
        return self._scaled(laid_out(self.buffer.sample(_num_sequences(self._config, self._length))))

    def _scaled(self, batch: Transitions) -> Transitions:
        return batch._replace(
            observation=self._seen(batch.observation), next_observation=self._seen(batch.next_observation)
        )

    def _seen(self, observation: Any) -> Any:
        """Observations as the network takes them."""
        if isinstance(observation, Sequences):
            return replace(observation, observation=self.scaler.scale(observation.observation))
        return self.scaler.scale(observation)

    def judge(self, batch: Transitions, error: NDArray[np.floating[Any]]) -> None:
        """Hear how wrong its values were, (batch,); where that matters, it decides what is drawn."""
        position = batch.position
        if isinstance(self._joiner, SequenceJoiner):
            position, error = errors_by_sequence(position, error)
        self.buffer.update_priorities(position, error)
        if isinstance(self.buffer, PrioritizedReplayBuffer):
            self.buffer.beta = linear(
                self._config.importance_exponent, 1.0, self.num_steps, self._total_steps
            )

    def _at(self, joiner: NStepAccumulator | SequenceJoiner) -> NStepAccumulator | SequenceJoiner:
        """The joiner, with the discount that holds now."""
        if isinstance(joiner, NStepAccumulator):
            joiner.gamma = self._settings.at(self.num_steps).gamma
        return joiner

    @property
    def is_starting(self) -> bool:
        """Whether it is being filled yet, with actions at random."""
        return self.num_steps < self._config.learning_starts

    def first_draw(self) -> FirstUpdate:
        """When a batch is drawn for the first time; see `Algorithm.first_update`."""
        every, num_envs = self._config.train_every, self._num_envs
        waited = self._waits // num_envs * num_envs  # the last step that is too early
        due = (waited // every + 1) * every
        return FirstUpdate(-(-due // num_envs) * num_envs, ("learning_starts", "train_every", "num_envs"))

    def num_unlearned(self) -> int:
        """All steps until the first batch, none afterwards, as any may be in one."""
        return self.num_steps if self.num_steps < self.first_draw().steps else 0

    def cut_episodes(self) -> None:
        """Remember what was to be joined with steps that never come; see `Algorithm.cut_episodes`."""
        if self._joiner is not None:
            for joined, count in self._at(self._joiner).cut():
                self.buffer.extend(joined, num_steps=count)
        self.buffer.cut_episodes()

    def state_dict(self) -> dict[str, Any]:
        """What is remembered, what is still to be joined, how many steps there were, and the scaling."""
        joiner = None if self._joiner is None else self._joiner.state_dict()
        return {
            "buffer": self.buffer.state_dict(),
            "joiner": joiner,
            "num_steps": self.num_steps,
            "scaler": self.scaler.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.buffer.load_state_dict(state["buffer"])
        if self._joiner is not None:
            self._joiner.load_state_dict(state["joiner"])
        self.num_steps = state["num_steps"]
        self.scaler.load_state_dict(state.get("scaler"))


def _num_sequences(config: ReplayConfig, length: int) -> int:
    """How many sequences hold about as many steps as a batch."""
    return max(1, config.batch_size // length)


def _make_buffer(config: ReplayConfig, seed: int, length: int) -> ReplayBuffer:
    """A buffer for transitions, or for sequences of so many."""
    make = find_replay_buffer(config.buffer, prioritized=config.prioritized)
    capacity = config.buffer_capacity
    if length > 1:  # of which all environments may complete one at once
        capacity = max(capacity // length, config.num_envs)
    buffer = make(_num_sequences(config, length), capacity, seed=seed)
    if isinstance(buffer, PrioritizedReplayBuffer):
        buffer.alpha, buffer.beta = config.priority_exponent, config.importance_exponent
    return buffer
