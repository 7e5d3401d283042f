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
from csai_neural.twin_critic import TwinCritic
from csai_train.algorithms.losses import td_target
from csai_train.algorithms.networks import build_network, build_twin_critic
from csai_train.algorithms.off_policy import ActionBox, Memory, OffPolicy, OffPolicyConfig
from csai_train.backends.backend import Backend
from csai_train.backends.derivatives import differentiated_by
from csai_train.backends.flat import FlatParameters
from csai_train.backends.numpy_control import sac_actor_gradient, sac_critic_gradient, same_batch
from csai_train.backends.numpy_squashed import HIGHEST_LOG_STD, LOWEST_LOG_STD, SquashedNormal
from csai_train.backends.optimizers import Adam, make_optimizer
from csai_train.buffers.replay import Transitions


@dataclass(frozen=True, kw_only=True)
class SACConfig(OffPolicyConfig):
    """Settings of SAC."""

    entropy_coef: float | None = None
    """What being undecided pays, alpha. Larger explores more; None lets it be learned, usually better."""
    initial_entropy_coef: float = 1.0
    """What it is to begin with, where it is learned."""
    target_entropy: float | None = None
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
        total_steps: how long the training will be.
        seed: decides the first weights, the actions drawn and the draws from the memory.
        network: a body to put the policy's head on, copies of which the critics begin with, or a Net that
            ends in a mean and a log standard deviation for each number; None builds one.
        device: where the networks are computed; see `Backend`.
        backend: who computes them; see `Backend`.

    Raises:
        ConfigError: if the actions are no Box of floats, or the named buffer is none to learn from.
        UnknownNameError: if there is no such buffer or optimizer.
    """

    learns = "a squashed policy"

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: SACConfig,
        *,
        total_steps: int,
        seed: int,
        network: nn.Module | None = None,
        device: str = "auto",
        backend: str = "auto",
    ) -> None:
        self.config = config
        self.actions = ActionBox(action_space, "sac")
        self._random = np.random.default_rng([seed, 0])
        self.memory = Memory(config, total_steps, seed)
        size = self.actions.num_numbers
        self.actor = build_network(observation_space, 2 * size, config.hidden_sizes, seed=seed, body=network)
        self.critic = build_twin_critic(
            observation_space, size, config.hidden_sizes, seed=seed + 1, body=network
        )
        computing: dict[str, Any] = {"choice": backend, "device": device, "random": self._random}
        self.critics = Backend(self.critic, self.critic.copy(), **computing)
        self.policy = Backend(self.actor, judge=self.critics, **computing)
        self._optimizers = [
            make_optimizer(config.optimizer, network, backend.parameters, config.learning_rate)
            for network, backend in ((self.critic, self.critics), (self.actor, self.policy))
        ]
        self._log_alpha = FlatParameters(
            nn.ParameterList([torch.tensor([math.log(config.initial_entropy_coef)])])
        )
        self._alpha_optimizer = Adam(self._log_alpha, config.learning_rate)
        self._target_entropy = -float(size) if config.target_entropy is None else config.target_entropy
        self._limit = math.inf if config.max_grad_norm is None else config.max_grad_norm

    @property
    def alpha(self) -> float:
        """What being undecided pays now."""
        fixed = self.config.entropy_coef
        return math.exp(self._log_alpha.values[0].item()) if fixed is None else fixed

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Draw actions from the policy, at first from all there are, or take the middle of it."""
        if explore and self.memory.is_starting:
            self.actions.refuse_mask(action_mask)
            shape = (trees.length(observation), self.actions.num_numbers)
            drawn = self._random.uniform(-1, 1, shape).astype(np.float32)
            return Decision(self.actions.to_environment(drawn))
        return self._decide(observation, self._random if explore else None, action_mask)

    def sample(
        self, observation: Any, random: np.random.Generator, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Draw actions from the policy; see `Algorithm.sample`."""
        return self._decide(observation, random, action_mask)

    def _decide(self, observation: Any, random: np.random.Generator | None, action_mask: Any) -> Decision:
        self.actions.refuse_mask(action_mask)
        policy = SquashedNormal(self.policy.network(observation))
        return Decision(self.actions.to_environment(policy.mode() if random is None else policy.draw(random)))

    def explain(self, observation: Any, action_mask: NDArray[np.int8] | None = None) -> Outlook:
        """The middle of the policy, how far it spreads there, and what the critics expect of it."""
        self.actions.refuse_mask(action_mask)
        policy = SquashedNormal(self.policy.network(observation))
        mode = policy.mode()
        return Outlook(
            chances=Spread(*self.actions.spread(mode, policy.deviation())),
            state_value=self.critics.network(observation, mode).min(axis=0),
        )

    def update(self, batch: Transitions) -> dict[str, float]:
        """Take one gradient step with the critics, one with the policy and one with alpha."""
        config, alpha = self.config, self.alpha
        next_policy = SquashedNormal(self.policy.network(batch.next_observation))
        next_action, next_log_prob = next_policy.draw_with_log_prob(self._random)
        experience = Experience(batch, next_action, next_log_prob)
        critic_loss, (value, error) = self.critics.differentiate(
            sac_critic_loss, experience, self._limit, alpha=alpha, gamma=config.gamma
        )
        self._optimizers[0].step()
        self.memory.judge(batch, error)

        noise = self._random.standard_normal(next_action.shape, dtype=np.float32)
        actor_loss, log_prob = self.policy.differentiate(
            sac_actor_loss, (batch.observation, noise), self._limit, alpha=alpha
        )
        self._optimizers[1].step()

        mean_log_prob = float(log_prob.sum() / len(log_prob))
        if config.entropy_coef is None:
            self._log_alpha.gradient_view[:] = -(mean_log_prob + self._target_entropy)
            self._alpha_optimizer.step()
        self.critics.follow(config.polyak)
        return {
            "loss": critic_loss,
            "actor_loss": actor_loss,
            "value": float(value.sum() / len(value)),
            "entropy": -mean_log_prob,
            "alpha": alpha,
        }

    def state_dict(self) -> dict[str, Any]:
        """Networks, optimizers, alpha, memory and the generator's state."""
        return {
            "policy": self.policy.state_dict(),
            "critics": self.critics.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            "log_alpha": self._log_alpha.values.clone(),
            "alpha_optimizer": self._alpha_optimizer.state_dict(),
            "memory": self.memory.state_dict(),
            "random": self._random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.policy.load_state_dict(state["policy"])
        self.critics.load_state_dict(state["critics"])
        for optimizer, its_state in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(its_state)
        self._log_alpha.values.copy_(state["log_alpha"])
        self._alpha_optimizer.load_state_dict(state["alpha_optimizer"])
        self.memory.load_state_dict(state["memory"])
        self._random.bit_generator.state = state["random"]


class Experience(NamedTuple):
    """What the critics learn from."""

    transitions: Transitions
    next_action: Any
    """(batch, num_numbers): what the policy would do next, from -1 to 1."""
    next_log_prob: Any
    """(batch,): its log-probability."""


@differentiated_by(sac_critic_gradient, same_batch)
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


@differentiated_by(sac_actor_gradient, same_batch)
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
