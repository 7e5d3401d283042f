"""What methods have in common that learn from what their present policy did: REINFORCE, A2C and PPO."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from csai_core.algorithm import Decision, FirstUpdate, Outlook, Step
from csai_core.errors import ConfigError
from csai_neural import ActorCritic
from csai_train.algorithms.returns import gae, require_finite_steps
from csai_train.backends.backend import Backend
from csai_train.backends.numpy_policies import Policy
from csai_train.backends.torch import training_mode
from csai_train.buffers.experience import RolloutBatch
from csai_train.buffers.rollout import RolloutBuffer

Floats = NDArray[np.float32]
ACTOR_CRITIC = "a policy with values (ActorCritic)"
"""What these methods learn; each can start from what another of them has learned."""


def decide(
    backend: Backend,
    policy: Policy,
    observation: Any,
    action_mask: NDArray[np.int8] | None,
    random: np.random.Generator | None,
) -> Decision:
    """Draw actions from the policy, or take the likeliest.

    Args:
        backend: computes the ActorCritic.
        policy: what its outputs stand for.
        observation: a batch.
        action_mask: (batch, number of actions), 1 where an action is allowed; None when all are.
        random: where actions are drawn from; None takes the likeliest.

    Returns:
        The actions; the memo holds them as they were drawn, which may lie outside the space's bounds, and is
        what must be learned from. Where nothing was drawn there is none.
    """
    network = backend.network
    outputs = network.outputs(observation)
    if action_mask is not None:
        outputs = policy.masked(outputs, action_mask)
    if random is None:
        return Decision(policy.to_environment(policy.mode(outputs)))
    drawn = policy.draw(outputs, network.log_std, random)
    return Decision(policy.to_environment(drawn), memo=drawn)


def outlook(
    backend: Backend,
    policy: Policy,
    observation: Any,
    action_mask: NDArray[np.int8] | None,
    unit: float = 1.0,
) -> Outlook:
    """What the policy does, and how the values judge where it is.

    Args:
        backend: computes the ActorCritic.
        policy: what its outputs stand for.
        observation: a batch.
        action_mask: (batch, number of actions), 1 where an action is allowed; None when all are.
        unit: how large a return is that has the value 1.
    """
    network = backend.network
    outputs, value = network.outputs_and_value(observation)
    if action_mask is not None:
        outputs = policy.masked(outputs, action_mask)
    return Outlook(chances=policy.chances(outputs, network.log_std), state_value=value * np.float32(unit))


def require_own_decision(step: Step, algorithm: str) -> None:
    """Refuse a step that somebody else decided.

    Raises:
        ConfigError: if the step has no memo.
    """
    if step.memo is None:
        raise ConfigError(
            f"{algorithm} was given a step without the memo of its decision. It learns only from what it "
            "decided itself (on policy): give Step(…, memo=decision.memo). Steps of other actors, such as "
            "demonstrations, suit q_learning and deep_q_learning."
        )


def first_rollout(rollout: RolloutBuffer) -> FirstUpdate:
    """When the first rollout of an algorithm is full."""
    return FirstUpdate(rollout.num_steps * rollout.num_envs, ("num_envs", "num_steps"))


def advantages(
    rollout: RolloutBuffer, value: Floats, backend: Backend, *, gamma: float, gae_lambda: float
) -> Floats:
    """How much better each action of a rollout was than expected; see `returns.gae`.

    Args:
        rollout: a full one.
        value: (num_steps * num_envs,), of its observations.
        backend: values what the last steps led to.
        gamma: discount.
        gae_lambda: 0 trusts the values, 1 the rewards.

    Returns:
        (num_steps * num_envs,).

    Raises:
        NonFiniteError: if a reward or a value is NaN or infinite.
    """
    values = value.reshape(rollout.reward.shape)
    next_values = rollout.next_values(values, backend.network.value)
    require_finite_steps(reward=rollout.reward, value=values, next_value=next_values)
    advantage = gae(
        rollout.reward,
        values,
        next_values,
        rollout.terminated,
        rollout.truncated,
        gamma=gamma,
        gae_lambda=gae_lambda,
    )
    return advantage.reshape(-1)


class OldPolicy:
    """The policy before an update, asked as the new one is asked in training.

    With dropout or batch norm a network answers otherwise in training than in play. The ratio of the new to
    the old policy means something only if both are asked with the same parts dropped out and the same batch
    looked at; so it is 1 before the first step of an update.

    Args:
        net: the policy, which is copied.
    """

    def __init__(self, net: ActorCritic) -> None:
        self._net = net.copy()

    def log_prob(self, batch: RolloutBatch, seed: int) -> Tensor:
        """(batch,): the log-probabilities of a minibatch's actions, with `seed` for dropout."""
        with torch.no_grad(), training_mode([self._net], seed):
            log_prob, _, _ = self._net.evaluate_actions(batch.observation, batch.action, batch.action_mask)
        return log_prob
