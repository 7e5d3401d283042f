"""Twin delayed deep deterministic policy gradient, TD3 (Fujimoto et al. 2018, arXiv:1802.09477), all of it.

A policy says which action of numbers is best; two critics predict Q(observation, action), the return to
expect after an action. Every transition goes into a replay memory; random batches of it pull both critics
toward

    reward + gamma * min Q_target(next observation, a')

where a' is what a slow copy of the policy does next, give or take some noise, and Q_target are slow copies of
the critics; the second term falls away when the game ended. At every second update the policy moves toward
actions that the first critic values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from csai_core import trees
from csai_core.algorithm import Decision, Outlook, Spread
from csai_core.options import require
from csai_core.ranges import Range, ranging
from csai_core.schedules import ScheduledConfig, changing
from csai_neural.twin_critic import TwinCritic
from csai_train.algorithms.losses import td_target
from csai_train.algorithms.off_policy import Floats, OffPolicy, OffPolicyConfig, longest_gradient
from csai_train.backends.derivatives import differentiated_by
from csai_train.backends.numpy_control import (
    critic_probes,
    same_batch,
    td3_actor_gradient,
    td3_critic_gradient,
)
from csai_train.buffers.replay import Transitions


@dataclass(frozen=True, kw_only=True)
class TD3Config(OffPolicyConfig):
    """Settings of TD3."""

    learning_rate: float = changing(1e-3, range=Range(1e-4, 3e-3, "log"))
    """How far each update moves the weights. Smaller is steadier and slower; usual 1e-4 to 1e-3."""
    exploration_noise: float = changing(0.1, range=Range(0.03, 0.5, "log"))
    """Deviation of the noise added to actions, of which -1 to 1 are the bounds. Larger tries more; to 0.3."""
    target_noise: float = changing(0.2)
    """Deviation of the noise added to what is done next: near actions should be worth nearly the same."""
    target_noise_clip: float = changing(0.5)
    """How large that noise may be at most."""
    policy_delay: int = ranging(2, Range(1, 4))
    """Updates of the critics from one of the policy to the next. Larger waits for better judgments."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        super().__post_init__()
        for name in ("exploration_noise", "target_noise", "target_noise_clip"):
            require(getattr(self, name) >= 0, self, name, "at least 0")
        require(self.policy_delay >= 1, self, "policy_delay", "at least 1")


class TwinDelayedPolicyGradient(OffPolicy):
    """TD3 as an `Algorithm`: any observations that a network can take, actions of a Box.

    It is made as every `OffPolicy` is, with a `TD3Config`.
    """

    config: TD3Config
    settings: ScheduledConfig[TD3Config]
    name = "td3"
    learns = "a deterministic policy"
    outputs_a_number = 1
    has_target_policy = True
    num_updates = 0
    """How many there were."""

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Do what is best, in training give or take some noise, and at first at random."""
        self.actions.refuse_mask(action_mask)
        if explore and self.memory.is_starting:
            shape = (trees.length(observation), self.actions.num_numbers)
            action: Floats = self.random.uniform(-1, 1, shape).astype(np.float32)
        else:
            action = np.tanh(self.policy.network(self.scaler.scale(observation)))
            if explore:
                config = self.settings.at(self.memory.num_steps)
                action = action + self._noise(action.shape, config.exploration_noise)
        return Decision(self.actions.to_environment(action))

    def _noise(self, shape: tuple[int, ...], deviation: float) -> Floats:
        return self.random.standard_normal(shape, dtype=np.float32) * np.float32(deviation)

    def explain(self, observation: Any, action_mask: NDArray[np.int8] | None = None) -> Outlook:
        """What it does, from which it never strays, and what the critics expect of it."""
        self.actions.refuse_mask(action_mask)
        observation = self.scaler.scale(observation)
        action = np.tanh(self.policy.network(observation))
        return Outlook(
            chances=Spread(*self.actions.spread(action, np.zeros_like(action))),
            state_value=self.critics.network(observation, action).min(axis=0),
        )

    def update(self, batch: Transitions) -> dict[str, float]:
        """Take one gradient step with the critics and, when it is time to, one with the policy."""
        config = self.settings.at(self.memory.num_steps)
        self.set_learning_rate(config.learning_rate)
        (target,) = self.policy.followers
        next_action = np.tanh(target(batch.next_observation))
        limit = config.target_noise_clip
        next_action += self._noise(next_action.shape, config.target_noise).clip(-limit, limit)
        experience = Experience(batch, next_action.clip(-1, 1))
        loss, (value, error) = self.critics.differentiate(
            td3_critic_loss, experience, longest_gradient(config), gamma=config.gamma
        )
        self.critic_optimizer.step()
        self.memory.judge(batch, error)
        self.num_updates += 1
        metrics = {"loss": loss, "value": float(value.sum() / len(value))}
        if self.num_updates % config.policy_delay == 0:
            metrics["actor_loss"], _ = self.policy.differentiate(
                td3_actor_loss, batch.observation, longest_gradient(config)
            )
            self.actor_optimizer.step()
            self.critics.follow(config.polyak)
            self.policy.follow(config.polyak)
        return metrics

    def state_dict(self) -> dict[str, Any]:
        """What `OffPolicy` keeps, and the number of updates."""
        return {**super().state_dict(), "num_updates": self.num_updates}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        super().load_state_dict(state)
        self.num_updates = state["num_updates"]


class Experience(NamedTuple):
    """What the critics learn from."""

    transitions: Transitions
    next_action: Any
    """(batch, num_numbers): what is done next, from -1 to 1."""


@differentiated_by(td3_critic_gradient, critic_probes)
def td3_critic_loss(
    critic: TwinCritic, target: TwinCritic, batch: Experience, *, gamma: float
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """How far both critics are from their targets: half the mean squared error, added up.

    Args:
        critic: what learns.
        target: its slow copy, which judges what follows.
        batch: transitions, of one step or several; those with a weight count by it.
        gamma: discount of a single step.

    Returns:
        The loss, a scalar; the mean of both values, and what it fell short of the target, each (batch,) and
        without gradients.

    Reference: Fujimoto et al. 2018, arXiv:1802.09477, algorithm 1; half of it, which Adam does not heed.
    """
    seen, next_action = batch
    with torch.no_grad():
        next_value = target(seen.next_observation, next_action).amin(dim=0)
        goal = td_target(seen.reward, next_value, seen.terminated, gamma=gamma**seen.num_steps)
    values = critic(seen.observation, seen.action)  # (2, batch)
    squares = (values - goal).square()
    if seen.weight is not None:
        squares = squares * seen.weight
    value = values.detach().mean(dim=0)
    return 0.5 * squares.mean(dim=1).sum(), (value, goal - value)


@differentiated_by(td3_actor_gradient, same_batch)
def td3_actor_loss(
    actor: nn.Module, target: nn.Module, critic: TwinCritic, observation: Any
) -> tuple[Tensor, Tensor]:
    """What the policy minimizes: minus the mean of what the first critic expects of its actions.

    Args:
        actor: what learns.
        target: its slow copy, which has no part in this.
        critic: what judges the actions.
        observation: a batch.

    Returns:
        The loss, a scalar; what is expected of each action, (batch,), without gradients.

    Reference: Fujimoto et al. 2018, arXiv:1802.09477, algorithm 1; Silver et al. 2014, equation 9.
    """
    value = critic(observation, actor(observation).tanh())[0]
    return -value.mean(), value.detach()
