"""What SAC and TD3 have in common, which learn actions of numbers from a replay memory."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray
from torch import nn

from csai_core.algorithm import Algorithm, FirstUpdate, Learned, Step
from csai_core.arguments import MOST_ENVS
from csai_core.errors import ConfigError
from csai_core.options import check_types, require
from csai_neural.box_scale import BoxScale
from csai_neural.twin_critic import TwinCritic
from csai_train.algorithms.schedules import linear
from csai_train.backends.backend import Backend
from csai_train.buffers.n_step import NStepAccumulator
from csai_train.buffers.prioritized import PrioritizedReplayBuffer
from csai_train.buffers.registry import find_replay_buffer
from csai_train.buffers.replay import ReplayBuffer, Transitions

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class OffPolicyConfig:
    """Settings of learning actions of numbers from a replay memory."""

    num_envs: int = 1
    """How many environments are played side by side. More make acting cheaper and experience varied."""
    hidden_sizes: tuple[int, ...] = (256, 256)
    """Sizes of the fully connected layers. Larger ones can tell more apart and take longer."""
    learning_rate: float = 3e-4
    """How far each update moves the weights. Smaller is steadier and slower; usual 1e-4 to 1e-3."""
    gamma: float = 0.99
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999."""
    buffer_capacity: int = 1_000_000
    """How many transitions are remembered. Larger forgets less; usual 100,000 to 1,000,000."""
    buffer: str | None = field(default=None, metadata={"kind": "buffers"})
    """A replay memory by its registered name (csai list buffers); None takes one that fits the settings."""
    batch_size: int = 256
    """Transitions in an update. Larger is steadier and slower; usual 64 to 256."""
    learning_starts: int = 1_000
    """Steps before the first update, which are taken at random, to fill the memory with some variety."""
    train_every: int = 1
    """Steps from update to update. Smaller learns more from each step and takes longer; usual 1 to 8."""
    polyak: float = 0.005
    """Share by which the targets follow the networks at each update. Smaller is steadier and slower."""
    n_step: int = 1
    """How many rewards are seen before a value is trusted. Larger learns sooner, less steadily; 1 to 5."""
    prioritized: bool = False
    """Whether transitions that surprised are drawn more often."""
    priority_exponent: float = 0.6
    """How much surprise matters then: 0 draws evenly, 1 in proportion to the error."""
    importance_exponent: float = 0.4
    """How far uneven draws are made up for at the start; at the end of the training it is wholly, 1."""
    max_grad_norm: float | None = None
    """Longest gradient; longer ones are shortened to it. None sets no limit."""
    optimizer: str | None = None
    """What takes the gradient steps: one of torch.optim, such as "AdamW(weight_decay=0.01)"; None is Adam."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        check_types(self)
        require(1 <= self.num_envs <= MOST_ENVS, self, "num_envs", f"from 1 to {MOST_ENVS}")
        for name in ("buffer_capacity", "batch_size", "train_every", "n_step"):
            require(getattr(self, name) >= 1, self, name, "at least 1")
        require(self.learning_rate > 0, self, "learning_rate", "above 0")
        for name in ("gamma", "priority_exponent", "importance_exponent"):
            require(0 <= getattr(self, name) <= 1, self, name, "from 0 to 1")
        require(0 < self.polyak <= 1, self, "polyak", "above 0 and at most 1")
        require(
            self.batch_size <= self.buffer_capacity,
            self,
            "batch_size",
            f"at most {self.buffer_capacity}, the buffer's capacity, for there would never be such a batch",
        )
        require(self.learning_starts >= 0, self, "learning_starts", "at least 0")
        limit = self.max_grad_norm
        require(limit is None or limit > 0, self, "max_grad_norm", "above 0, or None")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


class ActionBox:
    """The numbers of a Box as networks have them: flat, from -1 to 1, which stand for its bounds.

    Args:
        space: of the actions.
        algorithm: whose they are, for errors.

    Raises:
        ConfigError: if it is no Box of floats.
    """

    def __init__(self, space: spaces.Space[Any], algorithm: str) -> None:
        if not isinstance(space, spaces.Box) or not np.issubdtype(space.dtype, np.floating):
            raise ConfigError(f"{algorithm} needs actions of a Box of floats, not {space}.")
        self._shape = space.shape
        self._scale = BoxScale(space)
        self._algorithm = algorithm
        self.num_numbers = int(np.prod(space.shape))

    def to_environment(self, action: Floats) -> NDArray[Any]:
        """Actions as the environment takes them; see `BoxScale`.

        Args:
            action: (batch, num_numbers).
        """
        return self._scale.to_environment(action.reshape(len(action), *self._shape))

    def from_environment(self, action: NDArray[Any]) -> Floats:
        """(batch, num_numbers), from -1 to 1."""
        return self._scale.from_environment(action).reshape(len(action), self.num_numbers).clip(-1, 1)

    def spread(self, mean: Floats, deviation: Floats) -> tuple[Floats, Floats]:
        """Means and deviations, each (batch, num_numbers), in the environment's units and shape."""
        shape = (len(mean), *self._shape)
        center, scale = self._scale.center, self._scale.scale
        return (
            (center + scale * mean.reshape(shape)).astype(np.float32),
            (scale * deviation.reshape(shape)).astype(np.float32),
        )

    def refuse_mask(self, action_mask: Any) -> None:
        """Refuse a mask: numbers are not chosen among.

        Raises:
            ConfigError: if there is one.
        """
        if action_mask is not None:
            raise ConfigError(f"{self._algorithm} acts in numbers, which take no action mask; give none.")


class Memory:
    """The replay memory of an algorithm: it joins steps, and draws a batch whenever it is time to.

    Args:
        config: the settings.
        total_steps: how long the training will be; uneven draws are made up for wholly at its end.
        seed: decides the draws.

    Raises:
        UnknownNameError: if no buffer is registered under the name.
        ConfigError: if it is none to learn from.
    """

    def __init__(self, config: OffPolicyConfig, total_steps: int, seed: int) -> None:
        self.num_steps = 0
        self.first_draw = first_draw(config)
        self.buffer = make_buffer(config, seed)
        self._config = config
        self._total_steps = total_steps
        self._joiner = NStepAccumulator(config.n_step, config.gamma) if config.n_step > 1 else None

    def after(self, step: Step) -> Iterator[Transitions]:
        """Remember a step, and draw a batch for each update that is due."""
        config, before = self._config, self.num_steps
        for joined, count in [(step, 1)] if self._joiner is None else self._joiner.join(step):
            self.buffer.extend(joined, num_steps=count)
        self.num_steps += step.num_taken
        if self.num_steps > config.learning_starts and self.buffer.size():
            for _ in range(self.num_steps // config.train_every - before // config.train_every):
                yield self.buffer.sample(config.batch_size)

    def judge(self, batch: Transitions, error: NDArray[np.floating[Any]]) -> None:
        """Hear how wrong its values were, (batch,); where that matters, it decides what is drawn."""
        self.buffer.update_priorities(batch.position, error)
        if isinstance(self.buffer, PrioritizedReplayBuffer):
            self.buffer.beta = linear(
                self._config.importance_exponent, 1.0, self.num_steps, self._total_steps
            )

    @property
    def is_starting(self) -> bool:
        """Whether actions are still to be taken at random."""
        return self.num_steps < self._config.learning_starts

    def cut_episodes(self) -> None:
        """Remember what was to be joined with steps that never come."""
        if self._joiner is not None:
            for joined, count in self._joiner.cut():
                self.buffer.extend(joined, num_steps=count)
        self.buffer.cut_episodes()

    def state_dict(self) -> dict[str, Any]:
        """What is remembered, what is still to be joined, and how many steps there were."""
        joiner = None if self._joiner is None else self._joiner.state_dict()
        return {"buffer": self.buffer.state_dict(), "joiner": joiner, "num_steps": self.num_steps}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.buffer.load_state_dict(state["buffer"])
        if self._joiner is not None:
            self._joiner.load_state_dict(state["joiner"])
        self.num_steps = state["num_steps"]


class OffPolicy(Algorithm):
    """What SAC and TD3 are beside acting and updating: a policy and critics that learn from a memory.

    Attributes:
        actions: what is acted in.
        memory: where steps go, and batches come from.
        actor: the policy's network.
        critic: the critics' network.
        policy: computes the policy.
        critics: computes the critics.
    """

    actions: ActionBox
    memory: Memory
    actor: nn.Module
    critic: TwinCritic
    policy: Backend
    critics: Backend

    @abstractmethod
    def update(self, batch: Transitions) -> dict[str, float]:
        """Take one gradient step on a batch."""

    def learn(self, step: Step) -> dict[str, float]:
        """Remember the step, and update the networks when it is time to; see `Algorithm.learn`."""
        step = step._replace(action=self.actions.from_environment(step.action))
        metrics: dict[str, float] = {}
        for batch in self.memory.after(step):
            metrics = self.update(batch)
        return metrics

    def learned(self) -> Learned:
        """The policy's network, and the critics; see `Algorithm.learned`."""
        return Learned(self.actor, {"critics": self.critic.state_dict()})

    def start_from(self, state: Mapping[str, Any]) -> None:
        """Go on with the critics; see `Algorithm.start_from`."""
        self.critic.load(state["critics"])
        self.critics.follow(1.0)

    def first_update(self) -> FirstUpdate:
        """When the memory has some variety; see `Algorithm.first_update`."""
        return self.memory.first_draw

    def num_unlearned(self) -> int:
        """All steps until the first update, none afterwards: any may be drawn from the memory."""
        steps = self.memory.num_steps
        return steps if steps < self.memory.first_draw.steps else 0

    def set_envs(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """Let the memory know them; see `Algorithm.set_envs`."""
        self.memory.buffer.set_envs(envs)

    def cut_episodes(self) -> None:
        """Let the memory know; see `Algorithm.cut_episodes`."""
        self.memory.cut_episodes()

    def describe(self) -> dict[str, str]:
        """Backend and device; see `Algorithm.describe`."""
        return self.policy.describe()


def make_buffer(config: Any, seed: int) -> ReplayBuffer:
    """The replay buffer that a config says, with its size and priorities.

    Raises:
        UnknownNameError: if no buffer is registered under the name.
        ConfigError: if it is none to learn from.
    """
    make = find_replay_buffer(config.buffer, prioritized=config.prioritized)
    buffer = make(config.batch_size, config.buffer_capacity, seed=seed)
    if isinstance(buffer, PrioritizedReplayBuffer):
        buffer.alpha, buffer.beta = config.priority_exponent, config.importance_exponent
    return buffer


def first_draw(config: Any) -> FirstUpdate:
    """When a batch is drawn for the first time: the memory has some variety, and it is time to."""
    every, num_envs = config.train_every, config.num_envs
    waited = config.learning_starts // num_envs * num_envs  # the last step that is too early
    due = (waited // every + 1) * every
    return FirstUpdate(-(-due // num_envs) * num_envs, ("learning_starts", "train_every", "num_envs"))
