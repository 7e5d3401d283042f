"""Deep Q-learning, DQN (Mnih et al. 2015, doi:10.1038/nature14236), the whole of it.

A network predicts Q(observation, action), the return to expect after an action. Every transition goes
into a replay memory; random batches of it pull the prediction toward

    reward + gamma * max_a' Q_target(next observation, a')

where Q_target is an older copy of the network, so that the aim does not move with every update, and
the second term falls away when the game ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everywhere in torch code
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray
from torch import Tensor, nn

from csai_core import trees
from csai_core.algorithm import Algorithm, Decision, FirstUpdate, Learned, Outlook, Step
from csai_core.errors import ConfigError
from csai_core.options import require
from csai_core.ranges import Choices, Range, ranging
from csai_core.schedules import ScheduledConfig, changing
from csai_core.spaces import FEWER_ACTIONS, require_countable
from csai_neural import Net
from csai_neural.action_heads import ActionHead, ValueHead
from csai_train.algorithms.losses import td_target, value_of
from csai_train.algorithms.memory import Memory, ReplayConfig
from csai_train.algorithms.networks import build_network, copy_network
from csai_train.algorithms.scaling import ObservationScaler
from csai_train.algorithms.schedules import linear
from csai_train.algorithms.sequences import initial_memory, memory_before, require_memo, require_sequences
from csai_train.backends.backend import Backend
from csai_train.backends.derivatives import differentiated_by
from csai_train.backends.numpy_dqn import q_gradient, q_probes
from csai_train.backends.optimizers import make_optimizer
from csai_train.buffers.replay import ReplayBuffer, Transitions
from csai_train.buffers.sequences import SequenceJoiner
from csai_train.group import Group


@dataclass(frozen=True, kw_only=True)
class DeepQLearningConfig(ReplayConfig):
    """Settings of deep Q-learning."""

    hidden_sizes: tuple[int, ...] = (120, 84)
    """Sizes of the fully connected layers. Larger ones can tell more apart and learn more slowly."""
    learning_rate: float = changing(5e-4, range=Range(1e-5, 1e-2, "log"))
    """How far each update moves the weights. Smaller is steadier and slower; usual 1e-4 to 3e-3."""
    anneal_learning_rate: bool = False
    """Whether the learning rate falls to zero over the training, which steadies its end. A schedule of the
    learning rate takes the place of that."""
    target_every: int = ranging(1_000, Range(100, 10_000, "log"))
    """Steps between copies of the network into the target. Smaller follows faster, less steadily."""
    target_every_episodes: int | None = None
    """Episodes between these copies, in place of steps; usual 1 to 100."""
    epsilon_start: float = 1.0
    """Share of random actions at the start."""
    epsilon_end: float = ranging(0.05, Range(0.0, 0.2))
    """Share of random actions at the end. 0 never tries anything new once it is reached."""
    exploration_fraction: float = ranging(0.3, Range(0.05, 0.9))
    """Part of the training over which the share falls from start to end. Larger explores longer."""
    epsilon_decay: float | None = None
    """What the share is multiplied with after each episode, in place of a straight fall; 0.99 to 0.999."""
    max_grad_norm: float = changing(10.0)
    """Longest gradient; longer ones are shortened to it, so that no single batch does damage."""
    polyak: float | None = changing(None)
    """Share by which the target follows the network at each update, in place of copies; usual 0.005."""
    double: bool = ranging(False, Choices(False, True))
    """Whether the network chooses the next action and the target only judges it: less overestimation."""
    dueling: bool = False
    """Whether the network adds up a value of being here and one of each action; helps with many actions."""
    optimizer: str | None = None
    """What takes the gradient steps: one of torch.optim, such as "SGD(momentum=0.9)"; None takes Adam."""
    sequence_length: int = 20
    """Steps of a sequence that a network with memory learns from; a batch is of as many sequences as make up
    `batch_size`. Larger reaches further back, and draws less varied batches; usual 10 to 80."""
    burn_in: int = 10
    """Steps before a sequence by which memory is brought up to date. Larger is nearer to what is remembered
    now, and costs more; 0 to 40."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        super().__post_init__()
        for name in ("target_every", "sequence_length"):
            require(getattr(self, name) >= 1, self, name, "at least 1")
        require(self.burn_in >= 0, self, "burn_in", "at least 0")
        for name in ("learning_rate", "max_grad_norm"):
            require(getattr(self, name) > 0, self, name, "above 0")
        for name in ("epsilon_start", "epsilon_end", "exploration_fraction"):
            require(0 <= getattr(self, name) <= 1, self, name, "from 0 to 1")
        require(self.epsilon_end <= self.epsilon_start, self, "epsilon_end", "at most epsilon_start")
        for name in ("epsilon_decay", "target_every_episodes"):
            require(getattr(self, name) is None or getattr(self, name) > 0, self, name, "above 0, or None")
        require(self.epsilon_decay is None or self.epsilon_decay <= 1, self, "epsilon_decay", "at most 1")
        require(self.polyak is None or 0 < self.polyak <= 1, self, "polyak", "above 0 and at most 1, or None")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


class DeepQLearning(Algorithm):
    """Deep Q-learning as an `Algorithm`: any observations that a network can take, Discrete actions.

    Args:
        observation_space: of one environment.
        action_space: Discrete.
        config: the settings.
        total_steps: how long the training will be; exploration, and what changes, is planned by it.
        seed: decides the first weights, the random actions and the draws from the memory.
        network: a body to put a head of action values on, or a Net that ends in an output of its own for each
            action; None builds one.
        device: where the networks are computed; see `Backend`.
        backend: who computes them; see `Backend`.
        q_network: the whole network, in place of one that is built.
        target_network: its older copy, with the same layers; None copies it.
        buffer: the replay memory; what is in it already is learned from too. None makes the one that the
            config says.
        optimizer: one over the network's parameters, whose learning rate holds unless the config's changes.
            None makes the one that the config says.

    Raises:
        SpaceError: if there are more actions than a network can have outputs.
        ConfigError: if the action space is not Discrete, the named buffer none to learn from, the target
            network no copy, the optimizer over other parameters than those that learn, or the network one
            with memory, with which n_step or a buffer of one's own does not go.
        UnknownNameError: if no buffer is registered under the name.
    """

    learns = "a network of action values"

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: DeepQLearningConfig,
        *,
        total_steps: int,
        seed: int,
        network: nn.Module | None = None,
        device: str = "auto",
        backend: str = "auto",
        q_network: Net | None = None,
        target_network: Net | None = None,
        buffer: ReplayBuffer | None = None,
        optimizer: torch.optim.Optimizer | None = None,
    ) -> None:
        if not isinstance(action_space, spaces.Discrete):
            raise ConfigError(f"deep_q_learning needs a Discrete action space, not {action_space}.")
        require_countable(action_space, FEWER_ACTIONS)
        self.config = config
        self.num_episodes = 0
        schedules = (config.epsilon_decay, config.target_every_episodes)
        self._counts_episodes = any(each is not None for each in schedules)
        self._total_steps = total_steps
        self._settings = ScheduledConfig(config, total_steps)
        self._sets_rate = optimizer is None or self._settings.changes("learning_rate")
        self._exploration_steps = config.exploration_fraction * total_steps
        self._num_actions = int(action_space.n)
        self._first_action = int(action_space.start)
        self._random = np.random.default_rng([seed, 0])
        self.q_network = q_network or build_network(
            observation_space,
            self._num_actions,
            config.hidden_sizes,
            seed=seed,
            dueling=config.dueling,
            body=network,
        )
        sequences = None
        if getattr(self.q_network, "has_memory", False):
            require_sequences(config, buffer)
            sequences = SequenceJoiner(config.sequence_length, config.burn_in)
        self.memory = Memory(observation_space, config, total_steps, seed, buffer, sequences)
        self.q_network.input_scaling = self.scaler
        self.target_network = target_network or self.q_network.copy()
        copy_network(self.q_network, self.target_network)
        self.backend = Backend(
            self.q_network, self.target_network, choice=backend, device=device, random=self._random
        )
        self.optimizer = make_optimizer(
            optimizer or config.optimizer,
            self.q_network,
            self.backend.parameters,
            float(config.learning_rate),
        )

    def initial_memory(self, num_envs: int) -> Any:
        """That of the network, if it is recurrent; see `Algorithm.initial_memory`."""
        return initial_memory(self.backend, num_envs)

    def act(
        self,
        observation: Any,
        *,
        explore: bool,
        action_mask: NDArray[np.int8] | None = None,
        memory: Any = None,
    ) -> Decision:
        """Choose the actions with the highest values, some at random; see `Algorithm.act`.

        Returns:
            The actions. The memo of a network with memory is what was remembered before them.
        """
        count = trees.length(observation)
        at_random = self._drawn_by_lot(count) if explore else []
        memory = memory_before(self.backend, observation, memory)
        if len(at_random) == count and memory is None:
            return Decision(self._random_actions(count, action_mask))
        values, following = self._values(observation, memory)
        if action_mask is not None:
            values = np.where(action_mask, values, -np.inf)
        actions: NDArray[np.int64] = values.argmax(axis=1)
        if self._first_action:
            actions += self._first_action
        if at_random:
            mask = None if action_mask is None else action_mask[at_random]
            actions[at_random] = self._random_actions(len(at_random), mask)
        return Decision(actions, memory, following)

    def explain(
        self, observation: Any, action_mask: NDArray[np.int8] | None = None, memory: Any = None
    ) -> Outlook:
        """The values of all actions; see `Algorithm.explain`."""
        return Outlook(self._values(observation, memory_before(self.backend, observation, memory))[0])

    def _values(self, observation: Any, memory: Any) -> tuple[Any, Any]:
        """The values of all actions, and what is remembered from here on."""
        observation = self.scaler.scale(observation)
        if memory is None:
            return self.backend.network(observation), None
        values, memory = self.backend.network.step(observation, memory)
        return values, memory

    def _drawn_by_lot(self, count: int) -> list[int]:
        """Which of `count` environments try something at random."""
        epsilon = self.epsilon
        if count == 1:  # the same draw as below, at a fifth of the price
            return [0] if self._random.random() < epsilon else []
        drawn: list[int] = (self._random.random(count) < epsilon).nonzero()[0].tolist()
        return drawn

    def _random_actions(self, count: int, action_mask: NDArray[np.int8] | None) -> NDArray[np.int64]:
        """Any of the actions that are allowed, for each of `count` environments."""
        lots = self._random.random((count, self._num_actions))
        if action_mask is not None:
            lots = np.where(action_mask, lots, -1.0)
        actions: NDArray[np.int64] = lots.argmax(axis=1)
        return actions + self._first_action

    def learn(self, step: Step) -> dict[str, float]:
        """Remember the step, and update the network when it is time to; see `Algorithm.learn`.

        Raises:
            ConfigError: if the network has memory, and somebody else decided the step.
        """
        require_memo(self.backend, step)
        steps_before, episodes_before = self.num_steps, self.num_episodes
        if self._first_action:
            step = step._replace(action=step.action - self._first_action)
        metrics: dict[str, float] = {}
        for batch in self.memory.after(step):
            metrics = self.update(batch)
        if self._counts_episodes:
            self.num_episodes += _count_ended(step)
        if self.config.polyak is None and self._is_time_to_copy(steps_before, episodes_before):
            self.backend.follow(1.0)
        return {**metrics, "epsilon": self.epsilon} if metrics else {}

    def _is_time_to_copy(self, steps_before: int, episodes_before: int) -> bool:
        """Whether the target shall become a copy of the network, after this step."""
        every = self.config.target_every_episodes
        if every is not None:
            return self.num_episodes // every > episodes_before // every
        return self.num_steps // self.config.target_every > steps_before // self.config.target_every

    def update(self, batch: Transitions) -> dict[str, float]:
        """Take one gradient step on a batch."""
        config = self._settings.at(self.num_steps)
        if config.anneal_learning_rate and not self._settings.changes("learning_rate"):
            self.optimizer.learning_rate = linear(
                config.learning_rate, 0.0, self.num_steps, self._total_steps
            )
        elif self._sets_rate:
            self.optimizer.learning_rate = config.learning_rate
        loss, (value, error) = self.backend.differentiate(
            q_loss, batch, config.max_grad_norm, gamma=config.gamma, double=config.double
        )
        self.optimizer.step()
        self.memory.judge(batch, error)
        if config.polyak is not None:
            self.backend.follow(config.polyak)
        return {"loss": loss, "value": float(value.sum() / len(value))}

    @property
    def buffer(self) -> ReplayBuffer:
        """The replay memory."""
        return self.memory.buffer

    @property
    def scaler(self) -> ObservationScaler:
        """Scales observations before the network takes them."""
        return self.memory.scaler

    @property
    def num_steps(self) -> int:
        """How many steps were learned from."""
        return self.memory.num_steps

    @property
    def epsilon(self) -> float:
        """The share of random actions now."""
        config = self.config
        if config.epsilon_decay is not None:
            return max(config.epsilon_end, config.epsilon_start * config.epsilon_decay**self.num_episodes)
        return linear(config.epsilon_start, config.epsilon_end, self.num_steps, self._exploration_steps)

    def decider(self) -> tuple[Any, ActionHead]:
        """The network that decides, and what makes actions of its values, for other programs."""
        return self.q_network, ValueHead(spaces.Discrete(self._num_actions, start=self._first_action))

    def learned(self) -> Learned:
        """The network, and the scaling of observations; see `Algorithm.learned`."""
        return Learned(self.q_network, {"observation_scaling": self.scaler.state_dict()})

    def start_from(self, state: Mapping[str, Any]) -> None:
        """Go on with the scaling of observations; see `Algorithm.start_from`."""
        self.scaler.load_state_dict(state["observation_scaling"])

    def first_update(self) -> FirstUpdate:
        """When the memory has some variety, and it is time to; see `Algorithm.first_update`."""
        return self.memory.first_draw()

    def num_unlearned(self) -> int:
        """All steps until the first update; see `Algorithm.num_unlearned`."""
        return self.memory.num_unlearned()

    def set_group(self, group: Group) -> None:
        """Let gradients meet; each process draws from a memory of its own. See `Algorithm.set_group`.

        Raises:
            ConfigError: if something is planned by episodes, which end at other steps in each process.
        """
        if self._counts_episodes:
            raise ConfigError(
                "epsilon_decay and target_every_episodes count episodes, which end at other steps in each of "
                "several processes. Leave them out: exploration_fraction and target_every count steps."
            )
        self.backend.join(group)
        self.memory.set_group(group)

    def set_envs(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """Let the memory know them; see `Algorithm.set_envs`."""
        self.buffer.set_envs(envs)

    def cut_episodes(self) -> None:
        """Remember what was to be joined with steps that never come; see `Algorithm.cut_episodes`."""
        self.memory.cut_episodes()

    def describe(self) -> dict[str, str]:
        """Backend and device; see `Algorithm.describe`."""
        return self.backend.describe()

    def state_dict(self) -> dict[str, Any]:
        """Networks, optimizer, memory, steps taken and the generator's state."""
        return {
            "backend": self.backend.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            **self.memory.state_dict(),
            "num_episodes": self.num_episodes,
            "random": self._random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.backend.load_state_dict(state["backend"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.memory.load_state_dict(state)
        self.num_episodes = state["num_episodes"]
        self._random.bit_generator.state = state["random"]


def _count_ended(step: Step) -> int:
    """How many episodes end with a step."""
    ended = step.terminated | step.truncated
    return int(np.count_nonzero(ended if step.is_reset is None else ended & ~step.is_reset))


@differentiated_by(q_gradient, q_probes)
def q_loss(
    q_network: nn.Module,
    target_network: nn.Module,
    batch: Transitions,
    *,
    gamma: float,
    double: bool = False,
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """How far the network's values are from their targets: Huber loss, averaged over the batch.

    Args:
        q_network: what learns.
        target_network: an older copy, which judges what follows.
        batch: transitions in tensors, of one step or several; those with a weight count by it.
        gamma: discount of a single step.
        double: whether `q_network` chooses the next action (van Hasselt et al. 2016, arXiv:1509.06461).

    Returns:
        The loss, a scalar; the values of the actions taken and what they fell short of their targets,
        each (batch,) and without gradients.
    """
    value = value_of(q_network(batch.observation), batch.action)  # (batch,)
    with torch.no_grad():
        next_values = target_network(batch.next_observation)  # (batch, num_actions)
        if double:
            chosen_by = q_network(batch.next_observation)
            next_value = value_of(next_values, _allowed(chosen_by, batch.next_action_mask).argmax(dim=1))
        else:
            next_value = _allowed(next_values, batch.next_action_mask).amax(dim=1)
        target = td_target(batch.reward, next_value, batch.terminated, gamma=gamma**batch.num_steps)
    losses = F.smooth_l1_loss(value, target, reduction="none")  # (batch,)
    if batch.weight is not None:
        losses = losses * batch.weight
    value = value.detach()
    return losses.mean(), (value, target - value)


def _allowed(values: Tensor, action_mask: Tensor | None) -> Tensor:
    """Values of which those of forbidden actions are lower than any other: (batch, num_actions)."""
    if action_mask is None:
        return values
    # Not minus infinity, which times zero is NaN: after a game's end nothing may be allowed.
    return values.masked_fill(action_mask == 0, torch.finfo(values.dtype).min)
