"""Proximal policy optimization, PPO (Schulman et al. 2017, arXiv:1707.06347), the whole of it.

Play for a while with the policy as it is; judge each action by how much better it turned out than
expected (its advantage); then move the policy toward the better actions, a few times over the same
experience, but never far from the policy that made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from torch import Tensor, nn

from csai_core.algorithm import FirstUpdate, Learned, Step
from csai_core.arguments import MOST_ENVS
from csai_core.options import check_types, require
from csai_core.ranges import Range, ranging
from csai_core.schedules import ScheduledConfig, changing
from csai_neural import ActorCritic
from csai_neural.policies import GaussianSettings
from csai_train.algorithms.losses import (
    approximate_kl,
    clip_fraction,
    clipped_surrogate,
    normalized,
    value_loss,
)
from csai_train.algorithms.networks import build_actor_critic
from csai_train.algorithms.on_policy import OldPolicy, OnPolicy, advantages, first_rollout
from csai_train.algorithms.scaling import RewardScaler
from csai_train.algorithms.schedules import annealed
from csai_train.algorithms.sequences import require_lanes, sequences_of
from csai_train.backends.derivatives import differentiated_by
from csai_train.backends.numpy_policy_gradients import ppo_gradient, ppo_probes
from csai_train.backends.optimizers import make_optimizer
from csai_train.buffers.experience import RolloutBatch
from csai_train.buffers.registry import find_replay_buffer
from csai_train.buffers.replay import ReplayBuffer
from csai_train.buffers.replay_rollout import ReplayRollout
from csai_train.buffers.rollout import RolloutBuffer

MEASURED = ("policy_loss", "value_loss", "entropy", "kl", "clip_fraction")
"""What `ppo_loss` measures besides the loss."""


@dataclass(frozen=True, kw_only=True)
class PPOConfig:
    """Settings of PPO."""

    num_envs: int = 8
    """How many environments are played side by side. More give more varied experience an update."""
    num_steps: int = ranging(128, Range(16, 2048, "powers_of_2"))
    """Steps in each environment between updates. Larger judges actions better and updates less often."""
    num_epochs: int = ranging(4, Range(1, 20))
    """How often each update goes over its experience. Larger learns more from it, less steadily; 3 to 20."""
    num_minibatches: int = ranging(4, Range(1, 32, "powers_of_2"))
    """Into how many parts the experience is cut for gradient steps. Larger takes more, noisier steps."""
    learning_rate: float = changing(2.5e-4, range=Range(1e-5, 1e-2, "log"))
    """How far each gradient step goes. Smaller is steadier and slower; usual 1e-4 to 3e-3."""
    anneal_learning_rate: bool = True
    """Whether the learning rate falls to zero over the training, which steadies its end. A schedule of the
    learning rate takes the place of that."""
    gamma: float = changing(0.99, range=Range(0.9, 0.999, "log_below_1"))
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999."""
    gae_lambda: float = changing(0.95, range=Range(0.8, 1.0))
    """0 judges actions by the values alone, 1 by the rewards alone; usual 0.8 to 0.98."""
    clip_range: float = changing(0.2, range=Range(0.1, 0.4))
    """How far the new policy may move in an update. Smaller is steadier and slower; usual 0.1 to 0.3."""
    anneal_clip_range: bool = False
    """Whether the clip range falls to zero over the training. A schedule of it takes the place of that."""
    value_clip_range: float | None = changing(None)
    """How far a value may move in an update; None sets no limit, and is usually better."""
    entropy_coef: float = changing(0.01, range=Range(0.0, 0.05))
    """Reward for staying undecided. Larger explores more; usual 0 to 0.02."""
    value_coef: float = changing(0.5)
    """Weight of the values' errors beside the policy's. Matters only where both share layers."""
    max_grad_norm: float = changing(0.5)
    """Longest gradient; longer ones are shortened to it."""
    target_kl: float | None = changing(None)
    """Ends an update early when the policy has moved this far; None never does. Usual 0.01 to 0.03."""
    normalize_advantage: bool = True
    """Whether advantages are brought to mean 0 and deviation 1 in each minibatch."""
    normalize_observation: bool = False
    """Whether observations are brought to mean 0 and deviation 1, as seen so far. For sizes that differ."""
    normalize_reward: bool = False
    """Whether rewards are divided by the running deviation of their discounted sums. For large ones."""
    reward_coef: float = changing(1.0)
    """What normalized rewards are multiplied with. Larger makes the values' errors weigh more; usual 1."""
    initial_reward_std: float = 1.0
    """The deviation of rewards to begin with; it counts as much as one reward. Near the true one is best."""
    normalization_epsilon: float = 1e-8
    """Added to deviations before dividing by them. Larger keeps small differences small; 1e-8 to 1e-4."""
    hidden_sizes: tuple[int, ...] = (64, 64)
    """Sizes of the fully connected layers. Larger ones can tell more apart and learn more slowly."""
    share_layers: bool = False
    """Whether policy and values share these layers. Sharing suits images, where seeing is the hard part."""
    activation: Literal["tanh", "relu"] = "tanh"
    """Between the layers: tanh is the steadier, relu the faster to compute."""
    log_std_init: float = 0.0
    """Where actions are numbers of a Box, the log of their deviation to begin with, of which 0 is half of the
    range between the bounds. Larger explores more; -2 to 0."""
    squash: bool = False
    """Whether tanh brings such numbers into the bounds, rather than that they are cut off there. Each number
    drawn then does something else, but bounds are never quite reached; entropies are told before tanh."""
    state_dependent_std: bool = False
    """Whether the network gives the deviations too, for each observation others. It can then be careful in
    one place and try much in another, but takes longer to learn, and may be sure too early."""
    optimizer: str | None = None
    """What takes the gradient steps: one of torch.optim, such as "SGD(momentum=0.9)"; None takes Adam."""
    buffer: str | None = field(default=None, metadata={"kind": "buffers"})
    """A replay memory by its registered name in which steps wait for an update; None needs none."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        check_types(self)
        require(1 <= self.num_envs <= MOST_ENVS, self, "num_envs", f"from 1 to {MOST_ENVS}")
        for name in ("num_steps", "num_epochs", "num_minibatches"):
            require(getattr(self, name) >= 1, self, name, "at least 1")
        for name in ("learning_rate", "clip_range", "max_grad_norm", "reward_coef", "initial_reward_std"):
            require(getattr(self, name) > 0, self, name, "above 0")
        for name in ("gamma", "gae_lambda"):
            require(0 <= getattr(self, name) <= 1, self, name, "from 0 to 1")
        for name in ("entropy_coef", "value_coef", "normalization_epsilon"):
            require(getattr(self, name) >= 0, self, name, "at least 0")
        for name in ("value_clip_range", "target_kl"):
            require(getattr(self, name) is None or getattr(self, name) > 0, self, name, "above 0, or None")
        batch = self.num_envs * self.num_steps
        require(self.num_minibatches <= batch, self, "num_minibatches", f"at most {batch}, the batch size")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


class ProximalPolicyOptimization(OnPolicy):
    """PPO as an `Algorithm`: any observations and actions that an ActorCritic takes.

    Args:
        observation_space: of one environment.
        action_space: of one environment.
        config: the settings.
        total_steps: how long the training will be; what changes over it is planned by that.
        seed: decides the first weights, the actions drawn and the order of minibatches.
        network: a body to put policy and values on, or a whole ActorCritic; None builds one.
        device: where the network is computed; see `Backend`.
        backend: who computes it; see `Backend`.
        buffer: where steps wait for an update; it is emptied at the start and by each update.
        optimizer: one over the network's parameters, whose learning rate holds unless the config's changes.
            None makes the one that the config says.

    Raises:
        ConfigError: if the buffer holds less than a rollout, the optimizer is over other parameters than
            those that learn, or a network with memory would have more minibatches than environments.
        UnknownNameError: if there is no such buffer or optimizer.
    """

    name = "ppo"

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: PPOConfig,
        *,
        total_steps: int,
        seed: int,
        network: nn.Module | None = None,
        device: str = "auto",
        backend: str = "auto",
        buffer: ReplayBuffer | None = None,
        optimizer: torch.optim.Optimizer | None = None,
    ) -> None:
        net = build_actor_critic(
            observation_space,
            action_space,
            config.hidden_sizes,
            share_layers=config.share_layers,
            activation=config.activation,
            gaussian=GaussianSettings(config.squash, config.state_dependent_std, config.log_std_init),
            seed=seed,
            body=network,
        )
        super().__init__(observation_space, net, config, seed=seed, device=device, backend=backend)
        require_lanes(self.backend, config)
        self.config = config
        self._settings = ScheduledConfig(annealed(config, "learning_rate", "clip_range"), total_steps)
        self._sets_rate = optimizer is None or self._settings.changes("learning_rate")
        self.optimizer = make_optimizer(
            optimizer or config.optimizer,
            self.net,
            self.backend.parameters,
            float(config.learning_rate),
            epsilon=1e-5,
        )
        self.reward_scaler = _make_reward_scaler(config) if config.normalize_reward else None
        self.scalers += [self.reward_scaler] if self.reward_scaler else []
        self._first_unit: float | None = None
        """In which rewards the values were learned that it has started from, until it learns itself."""
        self.rollout = _make_rollout(config, buffer, seed)

    def learn(self, step: Step) -> dict[str, float]:
        """Add the step to the rollout, and learn when that is full; see `Algorithm.learn`."""
        step = self.as_decided(step)
        reward = step.reward
        if self.reward_scaler is not None:
            config, ended = self._config(), step.terminated | step.truncated
            self.reward_scaler.gamma = config.gamma
            reward = config.reward_coef * self.reward_scaler.scale(reward, ended)
        self.rollout.add(
            step.observation,
            step.action,
            reward,
            step.terminated,
            step.truncated,
            step.next_observation,
            step.action_mask,
            step.is_reset,
            *step.memo,
        )
        self.num_steps += step.num_taken
        return self.update() if self.is_ready(self.rollout) else {}

    def update(self) -> dict[str, float]:
        """Learn from a full rollout."""
        config = self._settings.at(self.num_steps - self.steps_in(self.rollout))
        self._first_unit = None
        self.merge_scaling()
        if self._sets_rate:
            self.optimizer.learning_rate = config.learning_rate
        batch = self._experience(config)
        explained_variance = batch.explained_variance
        batch = self.backend.load(batch)
        old_policy = OldPolicy(self.net) if self.backend.has_modes else None
        measured: list[NDArray[np.float64]] = []
        for _ in range(config.num_epochs):
            minibatches = batch.minibatches(config.num_minibatches, self.random)
            for minibatch in self.normalized(minibatches, config, config.normalization_epsilon):
                measured.append(self._differentiate(minibatch, config, old_policy))
                self.optimizer.step()
            if config.target_kl is not None:
                kl = self.group.mean(measured[-1], len(minibatch))[3]
                if kl > config.target_kl:
                    break
        means = np.array([*np.mean(measured, axis=0), explained_variance])
        means = self.group.mean(means, len(batch))
        return dict(zip((*MEASURED, "explained_variance"), means.tolist(), strict=True))

    def _differentiate(
        self, batch: RolloutBatch, config: PPOConfig, old_policy: OldPolicy | None
    ) -> NDArray[np.float64]:
        """Put the gradient of the loss into the parameters; the numbers called `MEASURED`."""
        seed = None
        if old_policy is not None:
            seed = self.backend.draw_seed()
            batch = replace(batch, log_prob=old_policy.log_prob(batch, seed))
        _, measured = self.backend.differentiate(
            ppo_loss,
            batch,
            config.max_grad_norm,
            seed=seed,
            clip_range=config.clip_range,
            value_clip_range=config.value_clip_range,
            value_coef=config.value_coef,
            entropy_coef=config.entropy_coef,
            normalize_advantage=config.normalize_advantage and not self.group.is_shared,
            epsilon=config.normalization_epsilon,
        )
        result: NDArray[np.float64] = measured
        return result

    def _config(self) -> PPOConfig:
        """The settings as they held when the rollout under way began."""
        return self._settings.at(self.num_steps - self.num_unlearned())

    def _experience(self, config: PPOConfig) -> RolloutBatch:
        """The rollout as one batch, with values, log-probabilities, advantages and returns.

        These are found here in one pass, rather than step by step while playing: the weights have not
        changed since.
        """
        network = self.backend.network
        observation, action, mask = self.rollout.flat()
        if self.backend.has_memory:
            observation = sequences_of(self.rollout)
        outputs, value = network.outputs_and_value(observation)
        if mask is not None:
            outputs = self.policy.masked(outputs, mask)
        log_prob = self.policy.distribution(outputs, network.log_std).log_prob(action)
        advantage = advantages(
            self.rollout, value, self.backend, gamma=config.gamma, gae_lambda=config.gae_lambda
        )
        batch = RolloutBatch(observation, action, mask, value + advantage, advantage, value, log_prob)
        return batch.take(self.rollout.taken())

    @property
    def value_unit(self) -> float:
        """How large a return is that has the value 1, as rewards are scaled now."""
        if self._first_unit is not None:
            return self._first_unit
        return 1.0 if self.reward_scaler is None else self.reward_scaler.unit / self._config().reward_coef

    def learned(self) -> Learned:
        """What `OnPolicy` has learned, and the unit of values; see `Algorithm.learned`."""
        network, state = super().learned()
        return Learned(network, {**state, "value_unit": self.value_unit})

    def start_from(self, state: Mapping[str, Any]) -> None:
        """Go on with the scaling of observations; see `Algorithm.start_from`."""
        super().start_from(state)
        self._first_unit = state.get("value_unit")

    def first_update(self) -> FirstUpdate:
        """When the first rollout is full; see `Algorithm.first_update`."""
        return first_rollout(self.rollout)

    def num_unlearned(self) -> int:
        """The steps of the rollout under way; see `Algorithm.num_unlearned`."""
        return 0 if self.rollout.is_full else self.steps_in(self.rollout)

    def cut_episodes(self) -> None:
        """Count the episodes under way as cut short; see `Algorithm.cut_episodes`."""
        self.rollout.cut()
        if self.reward_scaler is not None:
            self.reward_scaler.cut()

    def state_dict(self) -> dict[str, Any]:
        """What `OnPolicy` keeps, the optimizer, the rollout under way and the scaling of rewards."""
        return {
            **super().state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "rollout": self.rollout.state_dict(),
            "reward_scaler": None if self.reward_scaler is None else self.reward_scaler.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        super().load_state_dict(state)
        self._first_unit = None
        self.optimizer.load_state_dict(state["optimizer"])
        self.rollout.load_state_dict(state["rollout"])
        if self.reward_scaler is not None:
            self.reward_scaler.load_state_dict(state["reward_scaler"])


def _make_rollout(config: PPOConfig, buffer: ReplayBuffer | None, seed: int) -> RolloutBuffer:
    size = config.num_steps * config.num_envs
    if buffer is None and config.buffer is not None:
        buffer = find_replay_buffer(config.buffer)(size, size, seed=seed)
    if buffer is None:
        return RolloutBuffer(config.num_steps, config.num_envs)
    return ReplayRollout(buffer, config.num_steps, config.num_envs)


def _make_reward_scaler(config: PPOConfig) -> RewardScaler:
    return RewardScaler(
        config.num_envs,
        float(config.gamma),
        std=config.initial_reward_std,
        epsilon=config.normalization_epsilon,
    )


@differentiated_by(ppo_gradient, ppo_probes)
def ppo_loss(
    net: ActorCritic,
    batch: RolloutBatch,
    *,
    clip_range: float,
    value_clip_range: float | None,
    value_coef: float,
    entropy_coef: float,
    normalize_advantage: bool,
    epsilon: float = 1e-8,
) -> tuple[Tensor, Tensor]:
    """What PPO minimizes: clipped surrogate + value_coef * value loss - entropy_coef * entropy.

    Differs from the paper: advantages are normalized, if asked for, in each minibatch; `epsilon` guards
    the division by their deviation.

    Returns:
        The loss, and the numbers called `MEASURED`, without gradients.

    Reference: Schulman et al. 2017, arXiv:1707.06347, equation 9.
    """
    log_prob, entropy, value = net.evaluate_actions(batch.observation, batch.action, batch.action_mask)
    advantage = batch.advantage
    if normalize_advantage:
        advantage = normalized(advantage, epsilon)
    policy = clipped_surrogate(log_prob, batch.log_prob, advantage, clip_range=clip_range)
    values = value_loss(value, batch.returns, batch.value, clip_range=value_clip_range)
    mean_entropy = entropy.mean()
    loss = policy + value_coef * values - entropy_coef * mean_entropy
    with torch.no_grad():
        kl = approximate_kl(log_prob, batch.log_prob)
        clipped = clip_fraction(log_prob, batch.log_prob, clip_range=clip_range)
        return loss, torch.stack([policy, values, mean_entropy, kl, clipped])
