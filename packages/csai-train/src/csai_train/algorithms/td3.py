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

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import torch
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
from csai_train.backends.numpy_control import same_batch, td3_actor_gradient, td3_critic_gradient
from csai_train.backends.optimizers import make_optimizer
from csai_train.buffers.replay import Transitions

Floats = NDArray[np.float32]


@dataclass(frozen=True, kw_only=True)
class TD3Config(OffPolicyConfig):
    """Settings of TD3."""

    learning_rate: float = 1e-3
    """How far each update moves the weights. Smaller is steadier and slower; usual 1e-4 to 1e-3."""
    exploration_noise: float = 0.1
    """Deviation of the noise added to actions, of which -1 to 1 are the bounds. Larger tries more; to 0.3."""
    target_noise: float = 0.2
    """Deviation of the noise added to what is done next: near actions should be worth nearly the same."""
    target_noise_clip: float = 0.5
    """How large that noise may be at most."""
    policy_delay: int = 2
    """Updates of the critics from one of the policy to the next. Larger waits for better judgments."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        super().__post_init__()
        for name in ("exploration_noise", "target_noise", "target_noise_clip"):
            require(getattr(self, name) >= 0, self, name, "at least 0")
        require(self.policy_delay >= 1, self, "policy_delay", "at least 1")


class TwinDelayedPolicyGradient(OffPolicy):
    """TD3 as an `Algorithm`: any observations that a network can take, actions of a Box.

    Args:
        observation_space: of one environment.
        action_space: a Box of floats. Numbers without two bounds are acted in from -1 to 1.
        config: the settings.
        total_steps: how long the training will be.
        seed: decides the first weights, the noise and the draws from the memory.
        network: a body to put the policy's head on, copies of which the critics begin with, or a Net that
            ends in an output for each number; None builds one.
        device: where the networks are computed; see `Backend`.
        backend: who computes them; see `Backend`.

    Raises:
        ConfigError: if the actions are no Box of floats, or the named buffer is none to learn from.
        UnknownNameError: if there is no such buffer or optimizer.
    """

    learns = "a deterministic policy"

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: TD3Config,
        *,
        total_steps: int,
        seed: int,
        network: nn.Module | None = None,
        device: str = "auto",
        backend: str = "auto",
    ) -> None:
        self.config = config
        self.num_updates = 0
        self.actions = ActionBox(action_space, "td3")
        self._random = np.random.default_rng([seed, 0])
        self.memory = Memory(config, total_steps, seed)
        size = self.actions.num_numbers
        self.actor = build_network(observation_space, size, config.hidden_sizes, seed=seed, body=network)
        self.critic = build_twin_critic(
            observation_space, size, config.hidden_sizes, seed=seed + 1, body=network
        )
        computing: dict[str, Any] = {"choice": backend, "device": device, "random": self._random}
        self.critics = Backend(self.critic, self.critic.copy(), **computing)
        self.policy = Backend(self.actor, self.actor.copy(), judge=self.critics, **computing)
        self._optimizers = [
            make_optimizer(config.optimizer, network, backend.parameters, config.learning_rate)
            for network, backend in ((self.critic, self.critics), (self.actor, self.policy))
        ]
        self._limit = math.inf if config.max_grad_norm is None else config.max_grad_norm

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Do what is best, in training give or take some noise, and at first at random."""
        self.actions.refuse_mask(action_mask)
        if explore and self.memory.is_starting:
            shape = (trees.length(observation), self.actions.num_numbers)
            action: Floats = self._random.uniform(-1, 1, shape).astype(np.float32)
        else:
            action = np.tanh(self.policy.network(observation))
            if explore:
                action = action + self._noise(action.shape, self.config.exploration_noise)
        return Decision(self.actions.to_environment(action))

    def _noise(self, shape: tuple[int, ...], deviation: float) -> Floats:
        return self._random.standard_normal(shape, dtype=np.float32) * np.float32(deviation)

    def explain(self, observation: Any, action_mask: NDArray[np.int8] | None = None) -> Outlook:
        """What it does, from which it never strays, and what the critics expect of it."""
        self.actions.refuse_mask(action_mask)
        action = np.tanh(self.policy.network(observation))
        return Outlook(
            chances=Spread(*self.actions.spread(action, np.zeros_like(action))),
            state_value=self.critics.network(observation, action).min(axis=0),
        )

    def update(self, batch: Transitions) -> dict[str, float]:
        """Take one gradient step with the critics and, when it is time to, one with the policy."""
        config = self.config
        (target,) = self.policy.followers
        next_action = np.tanh(target(batch.next_observation))
        limit = config.target_noise_clip
        next_action += self._noise(next_action.shape, config.target_noise).clip(-limit, limit)
        experience = Experience(batch, next_action.clip(-1, 1))
        loss, (value, error) = self.critics.differentiate(
            td3_critic_loss, experience, self._limit, gamma=config.gamma
        )
        self._optimizers[0].step()
        self.memory.judge(batch, error)
        self.num_updates += 1
        metrics = {"loss": loss, "value": float(value.sum() / len(value))}
        if self.num_updates % config.policy_delay == 0:
            metrics["actor_loss"], _ = self.policy.differentiate(
                td3_actor_loss, batch.observation, self._limit
            )
            self._optimizers[1].step()
            self.critics.follow(config.polyak)
            self.policy.follow(config.polyak)
        return metrics

    def state_dict(self) -> dict[str, Any]:
        """Networks, optimizers, memory, number of updates and the generator's state."""
        return {
            "policy": self.policy.state_dict(),
            "critics": self.critics.state_dict(),
            "optimizers": [optimizer.state_dict() for optimizer in self._optimizers],
            "memory": self.memory.state_dict(),
            "num_updates": self.num_updates,
            "random": self._random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.policy.load_state_dict(state["policy"])
        self.critics.load_state_dict(state["critics"])
        for optimizer, its_state in zip(self._optimizers, state["optimizers"], strict=True):
            optimizer.load_state_dict(its_state)
        self.memory.load_state_dict(state["memory"])
        self.num_updates = state["num_updates"]
        self._random.bit_generator.state = state["random"]


class Experience(NamedTuple):
    """What the critics learn from."""

    transitions: Transitions
    next_action: Any
    """(batch, num_numbers): what is done next, from -1 to 1."""


@differentiated_by(td3_critic_gradient, same_batch)
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
