"""Soft actor-critic, SAC (Haarnoja et al. 2018, arXiv:1812.05905), the whole of it.

A policy draws actions of numbers; two critics predict Q(observation, action), the return to expect after an
action, to which the entropy of the policy is added: how undecided it stays counts as reward. Every
transition goes into a replay memory; random batches of it pull both critics toward

    reward + gamma * (min Q_target(next observation, a') - alpha * log pi(a' | next observation))

where a' is drawn from the policy and Q_target are slow copies of the critics, and the second term falls away
when the game ended. The policy moves toward actions that the critics value and that leave it undecided, and
alpha, the price of being decided, toward a policy that is as undecided as it should be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812 - as everywhere in torch code
from gymnasium import spaces
from numpy.typing import NDArray
from torch import Tensor, nn

from csai_core import trees
from csai_core.algorithm import Decision, Outlook, Spread
from csai_core.options import require
from csai_core.schedules import ScheduledConfig, changing
from csai_neural.policies import HIGHEST_LOG_STD, LOWEST_LOG_STD
from csai_neural.twin_critic import TwinCritic
from csai_train.algorithms.losses import td_target
from csai_train.algorithms.off_policy import Floats, OffPolicy, OffPolicyConfig, longest_gradient
from csai_train.backends.derivatives import differentiated_by
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_control import (
    critic_probes,
    sac_actor_gradient,
    sac_actor_probes,
    sac_critic_gradient,
)
from csai_train.backends.numpy_squashed import draw_squashed, is_draw_squashed
from csai_train.backends.optimizers import Adam
from csai_train.buffers.replay import Transitions


@dataclass(frozen=True, kw_only=True)
class SACConfig(OffPolicyConfig):
    """Settings of SAC."""

    entropy_coef: float | None = changing(None)
    """What being undecided pays, alpha. Larger explores more; None lets it be learned, usually better."""
    initial_entropy_coef: float = 1.0
    """What it is to begin with, where it is learned."""
    target_entropy: float | None = changing(None)
    """How undecided the policy should be, in nats, where that is learned; None takes -1 for each number."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        super().__post_init__()
        fixed = self.entropy_coef
        require(fixed is None or fixed >= 0, self, "entropy_coef", "at least 0, or None")
        require(self.initial_entropy_coef > 0, self, "initial_entropy_coef", "above 0")


class SoftActorCritic(OffPolicy):
    """SAC as an `Algorithm`: any observations that a network can take, actions of a Box.

    Args:
        observation_space: of one environment.
        action_space: a Box of floats. Numbers without two bounds are acted in from -1 to 1.
        config: the settings.
        **more: as every `OffPolicy` takes them.
    """

    config: SACConfig
    settings: ScheduledConfig[SACConfig]
    name = "sac"
    learns = "a squashed policy"
    outputs_a_number = 2
    has_target_policy = False

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: SACConfig,
        **more: Any,
    ) -> None:
        super().__init__(observation_space, action_space, config, **more)
        self._log_alpha = FlatParameters(
            nn.ParameterList([torch.tensor([math.log(config.initial_entropy_coef)])])
        )
        self._alpha_optimizer = Adam(self._log_alpha, float(config.learning_rate))
        self._draws_by_hand = is_draw_squashed(squashed)

    @property
    def alpha(self) -> float:
        """What being undecided pays now."""
        fixed = self.settings.at(self.memory.num_steps).entropy_coef
        return math.exp(self._log_alpha.values[0].item()) if fixed is None else fixed

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Draw actions from the policy, at first from all there are, or take the middle of it."""
        if explore and not self.memory.is_starting:
            return self.sample(observation, self.random, action_mask)
        self.actions.refuse_mask(action_mask)
        if explore:
            shape = (trees.length(observation), self.actions.num_numbers)
            action: Floats = self.random.uniform(-1, 1, shape).astype(np.float32)
        else:
            mean, _ = self._outputs(self.scaler.scale(observation))
            action = np.tanh(mean)
        return Decision(self.actions.to_environment(action))

    def sample(
        self, observation: Any, random: np.random.Generator, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Draw actions from the policy; see `Algorithm.sample`."""
        self.actions.refuse_mask(action_mask)
        drawn, _ = self._draw(self.scaler.scale(observation), random)
        return Decision(self.actions.to_environment(drawn))

    def explain(self, observation: Any, action_mask: NDArray[np.int8] | None = None) -> Outlook:
        """The middle of the policy, how far it spreads there, and what the critics expect of it."""
        self.actions.refuse_mask(action_mask)
        observation = self.scaler.scale(observation)
        mean, log_std = self._outputs(observation)
        mode = np.tanh(mean)
        deviation = np.exp(log_std.clip(LOWEST_LOG_STD, HIGHEST_LOG_STD)) * (1 - mode**2)  # the slope of tanh
        return Outlook(
            chances=Spread(*self.actions.spread(mode, deviation)),
            state_value=self.critics.network(observation, mode).min(axis=0),
        )

    def _outputs(self, observation: Any) -> tuple[Floats, Floats]:
        """Means and log standard deviations, before tanh and limits: (batch, num_numbers) each."""
        mean, log_std = np.split(self.policy.network(observation), 2, axis=1)
        return mean, log_std

    def _draw(self, observation: Any, random: np.random.Generator) -> tuple[Floats, Floats]:
        """Actions of the policy, (batch, num_numbers), and their log-probabilities, (batch,)."""
        outputs = self.policy.network(observation)
        noise = random.standard_normal((len(outputs), self.actions.num_numbers), dtype=np.float32)
        if self._draws_by_hand and self.policy.name == "numpy":
            return draw_squashed(outputs, noise)
        action, log_prob = squashed(torch.from_numpy(outputs), torch.from_numpy(noise))
        return action.numpy(), log_prob.numpy()

    def update(self, batch: Transitions) -> dict[str, float]:
        """Take one gradient step with the critics, one with the policy and one with alpha."""
        config, alpha = self.settings.at(self.memory.num_steps), self.alpha
        self.set_learning_rate(config.learning_rate)
        experience = Experience(batch, *self._draw(batch.next_observation, self.random))
        critic_loss, (value, error) = self.critics.differentiate(
            sac_critic_loss, experience, longest_gradient(config), alpha=alpha, gamma=config.gamma
        )
        self.critic_optimizer.step()
        self.memory.judge(batch, error)

        noise = self.random.standard_normal(experience.next_action.shape, dtype=np.float32)
        actor_loss, log_prob = self.policy.differentiate(
            sac_actor_loss, (batch.observation, noise), longest_gradient(config), alpha=alpha
        )
        self.actor_optimizer.step()

        mean_log_prob = float(log_prob.sum() / len(log_prob))
        mean_log_prob = float(self.memory.group.mean(np.array([mean_log_prob]), len(log_prob))[0])
        if config.entropy_coef is None:
            wanted = config.target_entropy
            target_entropy = -float(self.actions.num_numbers) if wanted is None else wanted
            self._log_alpha.gradient_view[:] = -(mean_log_prob + target_entropy)
            self._alpha_optimizer.step()
        self.critics.follow(config.polyak)
        return {
            "loss": critic_loss,
            "actor_loss": actor_loss,
            "value": float(value.sum() / len(value)),
            "entropy": -mean_log_prob,
            "alpha": alpha,
        }

    def set_learning_rate(self, learning_rate: float) -> None:
        """Let each gradient step go so far from now on, that of alpha too."""
        super().set_learning_rate(learning_rate)
        self._alpha_optimizer.learning_rate = learning_rate

    def state_dict(self) -> dict[str, Any]:
        """What `OffPolicy` keeps, and alpha."""
        alpha = {"values": self._log_alpha.values.clone(), "optimizer": self._alpha_optimizer.state_dict()}
        return {**super().state_dict(), "log_alpha": alpha}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        super().load_state_dict(state)
        self._log_alpha.values.copy_(state["log_alpha"]["values"])
        self._alpha_optimizer.load_state_dict(state["log_alpha"]["optimizer"])


class Experience(NamedTuple):
    """What the critics learn from."""

    transitions: Transitions
    next_action: Any
    """(batch, num_numbers): what the policy would do next, from -1 to 1."""
    next_log_prob: Any
    """(batch,): its log-probability."""


@differentiated_by(sac_critic_gradient, critic_probes)
def sac_critic_loss(
    critic: TwinCritic, target: TwinCritic, batch: Experience, *, alpha: float, gamma: float
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """How far both critics are from their targets: half the mean squared error, added up.

    Args:
        critic: what learns.
        target: its slow copy, which judges what follows.
        batch: transitions, of one step or several; those with a weight count by it.
        alpha: what being undecided pays.
        gamma: discount of a single step.

    Returns:
        The loss, a scalar; the mean of both values, and what it fell short of the target, each (batch,) and
        without gradients.

    Reference: Haarnoja et al. 2018, arXiv:1812.05905, equations 5 and 6.
    """
    seen, next_action, next_log_prob = batch
    with torch.no_grad():
        next_value = target(seen.next_observation, next_action).amin(dim=0) - alpha * next_log_prob
        goal = td_target(seen.reward, next_value, seen.terminated, gamma=gamma**seen.num_steps)
    values = critic(seen.observation, seen.action)  # (2, batch)
    squares = (values - goal).square()
    if seen.weight is not None:
        squares = squares * seen.weight
    value = values.detach().mean(dim=0)
    return 0.5 * squares.mean(dim=1).sum(), (value, goal - value)


@differentiated_by(sac_actor_gradient, sac_actor_probes)
def sac_actor_loss(
    actor: nn.Module, critic: TwinCritic, batch: tuple[Any, Tensor], *, alpha: float
) -> tuple[Tensor, Tensor]:
    """What the policy minimizes: the mean of alpha * log pi(a | observation) - min Q(observation, a).

    Args:
        actor: what learns.
        critic: what judges the actions.
        batch: observations, and standard normal noise that makes the actions, (batch, num_numbers).
        alpha: what being undecided pays.

    Returns:
        The loss, a scalar; the log-probabilities of the actions, (batch,), without gradients.

    Reference: Haarnoja et al. 2018, arXiv:1812.05905, equation 9.
    """
    observation, noise = batch
    action, log_prob = squashed(actor(observation), noise)
    loss = (alpha * log_prob - critic(observation, action).amin(dim=0)).mean()
    return loss, log_prob.detach()


def squashed(outputs: Tensor, noise: Tensor) -> tuple[Tensor, Tensor]:
    """Actions that noise makes of a policy's numbers, and their log-probabilities.

        action = tanh(drawn),    drawn = mean + exp(log_std) * noise
        log pi = log normal(drawn) - sum log(1 - action^2)

    Args:
        outputs: (batch, 2 * num_numbers): means, then log standard deviations.
        noise: (batch, num_numbers), standard normal.

    Returns:
        (batch, num_numbers), from -1 to 1, and (batch,).

    Reference: Haarnoja et al. 2018, arXiv:1812.05905, appendix C.
    """
    mean, log_std = outputs.chunk(2, dim=1)
    log_std = log_std.clamp(LOWEST_LOG_STD, HIGHEST_LOG_STD)
    drawn = mean + log_std.exp() * noise
    log_normal = -0.5 * (noise.square() + math.log(2 * math.pi)) - log_std
    slope = 2 * (math.log(2) - drawn - F.softplus(-2 * drawn))  # log(1 - tanh(drawn)^2)
    return drawn.tanh(), (log_normal - slope).sum(dim=1)
