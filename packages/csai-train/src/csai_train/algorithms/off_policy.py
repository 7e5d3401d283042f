"""What SAC and TD3 have in common, which learn actions of numbers from a replay memory."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray
from torch import nn

from csai_core.algorithm import Algorithm, FirstUpdate, Learned, Step
from csai_core.errors import ConfigError
from csai_core.options import require
from csai_core.ranges import Range, ranging
from csai_core.schedules import ScheduledConfig, changing
from csai_neural import Net
from csai_neural.action_heads import ActionHead, BoxHead
from csai_neural.box_scale import BoxScale
from csai_train.algorithms.memory import Memory, ReplayConfig
from csai_train.algorithms.networks import build_network, build_twin_critic
from csai_train.algorithms.scaling import ObservationScaler
from csai_train.algorithms.sequences import refuse_memory
from csai_train.backends.backend import Backend
from csai_train.backends.optimizers import make_optimizer
from csai_train.buffers.replay import Transitions
from csai_train.group import Group

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class OffPolicyConfig(ReplayConfig):
    """Settings of learning actions of numbers from a replay memory."""

    buffer_capacity: int = 1_000_000
    """How many transitions are remembered. Larger forgets less; usual 100,000 to 1,000,000."""
    batch_size: int = ranging(256, Range(32, 512, "powers_of_2"))
    """Transitions in an update. Larger is steadier and slower; usual 64 to 256."""
    train_every: int = ranging(1, Range(1, 16, "powers_of_2"))
    """Steps from update to update. Smaller learns more from each step and takes longer; usual 1 to 8."""
    hidden_sizes: tuple[int, ...] = (256, 256)
    """Sizes of the fully connected layers. Larger ones can tell more apart and take longer."""
    learning_rate: float = changing(3e-4, range=Range(1e-4, 3e-3, "log"))
    """How far each update moves the weights. Smaller is steadier and slower; usual 1e-4 to 1e-3."""
    polyak: float = changing(0.005, range=Range(0.001, 0.05, "log"))
    """Share by which the targets follow the networks at each update. Smaller is steadier and slower."""
    max_grad_norm: float | None = changing(None)
    """Longest gradient; longer ones are shortened to it. None sets no limit."""
    optimizer: str | None = None
    """What takes the gradient steps: one of torch.optim, such as "AdamW(weight_decay=0.01)"; None is Adam."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        super().__post_init__()
        require(self.learning_rate > 0, self, "learning_rate", "above 0")
        require(0 < self.polyak <= 1, self, "polyak", "above 0 and at most 1")
        limit = self.max_grad_norm
        require(limit is None or limit > 0, self, "max_grad_norm", "above 0, or None")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


def longest_gradient(config: OffPolicyConfig) -> float:
    """How long a gradient may be, infinity where nothing limits it."""
    return math.inf if config.max_grad_norm is None else config.max_grad_norm


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
        self.space = space
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
        return self._scale.spread(mean, deviation)

    def refuse_mask(self, action_mask: Any) -> None:
        """Refuse a mask: numbers are not chosen among.

        Raises:
            ConfigError: if there is one.
        """
        if action_mask is not None:
            raise ConfigError(f"{self._algorithm} acts in numbers, which take no action mask; give none.")


class OffPolicy(Algorithm):
    """What SAC and TD3 are beside acting and updating: a policy and two critics that learn from a memory.

    Args:
        observation_space: of one environment.
        action_space: a Box of floats. Numbers without two bounds are acted in from -1 to 1.
        config: the settings.
        total_steps: how long the training will be; what changes over it is planned by that.
        seed: decides the first weights, the actions tried and the draws from the memory.
        network: a body to put the policy's head on, copies of which the critics begin with, or a Net that
            ends in all the policy's outputs; None builds one.
        device: where the networks are computed; see `Backend`.
        backend: who computes them; see `Backend`.

    Attributes:
        config: the settings.
        settings: the same, as they hold after so many steps.
        actions: what is acted in.
        memory: where steps go, and batches come from.
        actor: the policy's network.
        critic: the critics' network.
        policy: computes the policy.
        critics: computes the critics.
        random: makes the noise of actions.

    Raises:
        ConfigError: if the actions are no Box of floats, or the named buffer is none to learn from.
        UnknownNameError: if there is no such buffer or optimizer.
    """

    name: ClassVar[str]
    """Of the algorithm, for errors."""
    outputs_a_number: ClassVar[int]
    """How many outputs the policy's network has for each number of an action."""
    has_target_policy: ClassVar[bool]
    """Whether a slow copy of the policy is kept."""

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: OffPolicyConfig,
        *,
        total_steps: int,
        seed: int,
        network: nn.Module | None = None,
        device: str = "auto",
        backend: str = "auto",
    ) -> None:
        self.config = config
        self.settings: ScheduledConfig[OffPolicyConfig] = ScheduledConfig(config, total_steps)
        self.actions = ActionBox(action_space, self.name)
        self.random = np.random.default_rng([seed, 0])
        self.memory = Memory(observation_space, config, total_steps, seed)
        size, layers = self.actions.num_numbers, config.hidden_sizes
        self.actor = build_network(
            observation_space, self.outputs_a_number * size, layers, seed=seed, body=network
        )
        refuse_memory(self.actor, self.name)
        self.actor.input_scaling = self.scaler
        self.critic = build_twin_critic(observation_space, size, layers, seed=seed + 1, body=network)
        computing: dict[str, Any] = {"choice": backend, "device": device, "random": self.random}
        self.critics = Backend(self.critic, self.critic.copy(), **computing)
        actors = [self.actor, self.actor.copy()] if self.has_target_policy else [self.actor]
        self.policy = Backend(*actors, judge=self.critics, **computing)
        self.critic_optimizer, self.actor_optimizer = (
            make_optimizer(config.optimizer, each, backend.parameters, float(config.learning_rate))
            for each, backend in ((self.critic, self.critics), (self.actor, self.policy))
        )

    @property
    def scaler(self) -> ObservationScaler:
        """Scales observations before the networks take them."""
        return self.memory.scaler

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

    def set_learning_rate(self, learning_rate: float) -> None:
        """Let each gradient step go so far from now on."""
        self.critic_optimizer.learning_rate = self.actor_optimizer.learning_rate = learning_rate

    def decider(self) -> tuple[Net, ActionHead]:
        """The network that decides, and what makes actions of its numbers, for other programs."""
        return self.actor, BoxHead(self.actions.space)

    def learned(self) -> Learned:
        """The policy's network, the critics and the scaling of observations; see `Algorithm.learned`."""
        scaling = self.scaler.state_dict()
        return Learned(self.actor, {"critics": self.critic.state_dict(), "observation_scaling": scaling})

    def start_from(self, state: Mapping[str, Any]) -> None:
        """Go on with the critics and the scaling; see `Algorithm.start_from`."""
        self.scaler.load_state_dict(state["observation_scaling"])
        self.critic.load(state["critics"])
        self.critics.follow(1.0)

    def first_update(self) -> FirstUpdate:
        """When the memory has some variety; see `Algorithm.first_update`."""
        return self.memory.first_draw()

    def num_unlearned(self) -> int:
        """All steps until the first update; see `Algorithm.num_unlearned`."""
        return self.memory.num_unlearned()

    def set_group(self, group: Group) -> None:
        """Let gradients meet; each process draws from a memory of its own. See `Algorithm.set_group`."""
        self.critics.join(group)
        self.policy.join(group)
        self.memory.set_group(group)

    def set_envs(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """Let the memory know them; see `Algorithm.set_envs`."""
        self.memory.buffer.set_envs(envs)

    def cut_episodes(self) -> None:
        """Let the memory know; see `Algorithm.cut_episodes`."""
        self.memory.cut_episodes()

    def describe(self) -> dict[str, str]:
        """Backend and device; see `Algorithm.describe`."""
        return self.policy.describe()

    def state_dict(self) -> dict[str, Any]:
        """Networks, optimizers, memory and the generator's state."""
        return {
            "policy": self.policy.state_dict(),
            "critics": self.critics.state_dict(),
            "optimizers": [self.critic_optimizer.state_dict(), self.actor_optimizer.state_dict()],
            "memory": self.memory.state_dict(),
            "random": self.random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.policy.load_state_dict(state["policy"])
        self.critics.load_state_dict(state["critics"])
        for optimizer, its_state in zip(
            (self.critic_optimizer, self.actor_optimizer), state["optimizers"], strict=True
        ):
            optimizer.load_state_dict(its_state)
        self.memory.load_state_dict(state["memory"])
        self.random.bit_generator.state = state["random"]
