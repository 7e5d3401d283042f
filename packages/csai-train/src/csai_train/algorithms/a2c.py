"""Advantage actor-critic, A2C (Mnih et al. 2016, arXiv:1602.01783, in its synchronous form), the whole of it.

Play a few steps in several environments; judge each action by the rewards that followed it, and by the
value of where that led; then take one step of policy gradient:

    loss = -mean of log pi(a_t | s_t) * A_t
    A_t  = r_t + gamma * r_{t+1} + … + gamma^n * V(s_{t+n}) - V(s_t)

Unlike `reinforce.py`, it does not wait for episodes to end, since V stands for what is still to come.
Unlike `ppo.py`, it learns only once from what it has seen.

Differs from the paper: Adam takes the place of RMSProp; environments are stepped together by one process.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from gymnasium import spaces
from torch import Tensor, nn

from csai_core.algorithm import FirstUpdate, Step
from csai_core.arguments import MOST_ENVS
from csai_core.options import check_types, require
from csai_core.ranges import Range, ranging
from csai_core.schedules import ScheduledConfig, changing
from csai_neural import ActorCritic
from csai_train.algorithms.losses import normalized, policy_gradient, value_loss
from csai_train.algorithms.networks import build_actor_critic
from csai_train.algorithms.on_policy import OnPolicy, advantages, first_rollout
from csai_train.algorithms.schedules import annealed
from csai_train.algorithms.sequences import sequences_of
from csai_train.backends.derivatives import differentiated_by
from csai_train.backends.numpy_policy_gradients import a2c_gradient, policy_gradient_probes
from csai_train.backends.optimizers import Adam
from csai_train.buffers.experience import RolloutBatch
from csai_train.buffers.rollout import RolloutBuffer

MEASURED = ("policy_loss", "value_loss", "entropy")
"""What `a2c_loss` measures besides the loss."""


@dataclass(frozen=True, kw_only=True)
class A2CConfig:
    """Settings of A2C."""

    num_envs: int = 8
    """How many environments are played side by side. More give more varied experience an update."""
    num_steps: int = ranging(16, Range(4, 128, "log"))
    """Steps in each environment between updates. Larger judges actions better and updates less often."""
    learning_rate: float = changing(3e-3, range=Range(1e-4, 1e-2, "log"))
    """How far each update goes. Smaller is steadier and slower; usual 3e-4 to 3e-3."""
    anneal_learning_rate: bool = True
    """Whether the learning rate falls to zero over the training, which steadies its end. A schedule of the
    learning rate takes the place of that."""
    gamma: float = changing(0.99, range=Range(0.9, 0.999, "log_below_1"))
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999."""
    gae_lambda: float = changing(0.9, range=Range(0.8, 1.0))
    """0 judges actions by the values alone, 1 by the rewards up to the next update; usual 0.9 to 1."""
    entropy_coef: float = changing(0.01, range=Range(0.0, 0.05))
    """Reward for staying undecided. Larger explores more; usual 0 to 0.02."""
    value_coef: float = changing(0.5)
    """Weight of the values' errors beside the policy's."""
    max_grad_norm: float = changing(10.0, range=Range(0.5, 40.0, "log"))
    """Longest gradient; longer ones are shortened to it. Where returns are large, small ones let the values'
    errors drown the policy; usual 0.5 to 40."""
    normalize_advantage: bool = False
    """Whether advantages are brought to mean 0 and deviation 1 in each update."""
    normalize_observation: bool = False
    """Whether observations are brought to mean 0 and deviation 1, as seen so far. For sizes that differ."""
    hidden_sizes: tuple[int, ...] = (64, 64)
    """Sizes of the fully connected layers. Larger ones can tell more apart and learn more slowly."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        check_types(self)
        require(1 <= self.num_envs <= MOST_ENVS, self, "num_envs", f"from 1 to {MOST_ENVS}")
        require(self.num_steps >= 1, self, "num_steps", "at least 1")
        for name in ("learning_rate", "max_grad_norm"):
            require(getattr(self, name) > 0, self, name, "above 0")
        for name in ("gamma", "gae_lambda"):
            require(0 <= getattr(self, name) <= 1, self, name, "from 0 to 1")
        for name in ("entropy_coef", "value_coef"):
            require(getattr(self, name) >= 0, self, name, "at least 0")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


class AdvantageActorCritic(OnPolicy):
    """A2C as an `Algorithm`: any observations and actions that an ActorCritic takes.

    Args:
        observation_space: of one environment.
        action_space: of one environment.
        config: the settings.
        total_steps: how long the training will be; what changes over it is planned by that.
        seed: decides the first weights and the actions drawn.
        network: a body to put policy and values on, or a whole ActorCritic; None builds one.
        device: where the network is computed; see `Backend`.
        backend: who computes it; see `Backend`.
    """

    name = "a2c"

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: A2CConfig,
        *,
        total_steps: int,
        seed: int,
        network: nn.Module | None = None,
        device: str = "auto",
        backend: str = "auto",
    ) -> None:
        net = build_actor_critic(
            observation_space, action_space, config.hidden_sizes, seed=seed, body=network
        )
        super().__init__(observation_space, net, config, seed=seed, device=device, backend=backend)
        self.config = config
        self._settings = ScheduledConfig(annealed(config, "learning_rate"), total_steps)
        self.optimizer = Adam(self.backend.parameters, float(config.learning_rate), epsilon=1e-5)
        self.rollout = RolloutBuffer(config.num_steps, config.num_envs)

    def learn(self, step: Step) -> dict[str, float]:
        """Add the step to the rollout, and learn when that is full; see `Algorithm.learn`."""
        step = self.as_decided(step)
        self.rollout.add(
            step.observation,
            step.action,
            step.reward,
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
        self.optimizer.learning_rate = config.learning_rate
        self.merge_scaling()
        (batch,) = self.normalized([self._experience(config)], config)
        _, measured = self.backend.differentiate(
            a2c_loss,
            batch,
            config.max_grad_norm,
            value_coef=config.value_coef,
            entropy_coef=config.entropy_coef,
            normalize_advantage=config.normalize_advantage and not self.group.is_shared,
        )
        self.optimizer.step()
        return dict(zip(MEASURED, self.group.mean(measured, len(batch)).tolist(), strict=True))

    def _experience(self, config: A2CConfig) -> RolloutBatch:
        """The rollout as one batch, with advantages and returns."""
        observation, action, mask = self.rollout.flat()
        if self.backend.has_memory:
            observation = sequences_of(self.rollout)
        value = self.backend.network.value(observation)
        advantage = advantages(
            self.rollout, value, self.backend, gamma=config.gamma, gae_lambda=config.gae_lambda
        )
        batch = RolloutBatch(observation, action, mask, value + advantage, advantage)
        return batch.take(self.rollout.taken())

    def first_update(self) -> FirstUpdate:
        """When the first rollout is full; see `Algorithm.first_update`."""
        return first_rollout(self.rollout)

    def num_unlearned(self) -> int:
        """The steps of the rollout under way; see `Algorithm.num_unlearned`."""
        return 0 if self.rollout.is_full else self.steps_in(self.rollout)

    def cut_episodes(self) -> None:
        """Count the episodes under way as cut short; see `Algorithm.cut_episodes`."""
        self.rollout.cut()

    def state_dict(self) -> dict[str, Any]:
        """What `OnPolicy` keeps, the optimizer and the rollout under way."""
        own = {"optimizer": self.optimizer.state_dict(), "rollout": self.rollout.state_dict()}
        return {**super().state_dict(), **own}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        super().load_state_dict(state)
        self.optimizer.load_state_dict(state["optimizer"])
        self.rollout.load_state_dict(state["rollout"])


@differentiated_by(a2c_gradient, policy_gradient_probes)
def a2c_loss(
    net: ActorCritic,
    batch: RolloutBatch,
    *,
    value_coef: float,
    entropy_coef: float,
    normalize_advantage: bool,
) -> tuple[Tensor, Tensor]:
    """What A2C minimizes: policy gradient + value_coef * value loss - entropy_coef * entropy.

    Returns:
        The loss, and the numbers called `MEASURED`, without gradients.

    Reference: Mnih et al. 2016, arXiv:1602.01783, algorithm S3.
    """
    log_prob, entropy, value = net.evaluate_actions(batch.observation, batch.action, batch.action_mask)
    advantage = normalized(batch.advantage) if normalize_advantage else batch.advantage
    policy = policy_gradient(log_prob, advantage)
    values = value_loss(value, batch.returns)
    mean_entropy = entropy.mean()
    loss = policy + value_coef * values - entropy_coef * mean_entropy
    return loss, torch.stack([policy, values, mean_entropy]).detach()
