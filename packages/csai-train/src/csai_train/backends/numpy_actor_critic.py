"""A plain ActorCritic for Discrete actions in numpy: it plays, judges what was played, and goes backwards."""

from __future__ import annotations

from typing import Any

import numpy as np
from gymnasium import spaces
from numpy.typing import NDArray

from csai_neural import ActorCritic
from csai_train.backends.numpy_acting import draw
from csai_train.backends.numpy_layers import Floats, NumpyLayers, in_numpy
from csai_train.backends.numpy_losses import Categorical

Mask = NDArray[np.int8] | NDArray[np.bool_] | None


class NumpyActorCritic:
    """The layers of an ActorCritic as three rows: shared ones, the policy's and the value's.

    Observations are (batch, size), actions (batch,), masks (batch, num_actions) or None.

    Args:
        shared: from observations to features; may be empty.
        actor: from features to logits.
        critic: from features to values.
        first_action: what the first logit stands for.
    """

    def __init__(
        self, shared: NumpyLayers, actor: NumpyLayers, critic: NumpyLayers, first_action: int
    ) -> None:
        self._shared = shared
        self._actor = actor
        self._critic = critic
        self._first_action = first_action

    def draw(self, observation: NDArray[Any], mask: Mask, random: np.random.Generator) -> NDArray[np.int64]:
        """Actions drawn from the policy."""
        logits = _allowed(self._actor(self._shared(observation)), mask)
        return draw(logits, random) + self._first_action

    def value(self, observation: NDArray[Any]) -> Floats:
        """Values: (batch,)."""
        return self._critic(self._shared(observation))[:, 0]

    def judge(self, observation: NDArray[Any], action: NDArray[Any], mask: Mask) -> tuple[Floats, Floats]:
        """The log-probabilities of actions, and values, each (batch,)."""
        features = self._shared(observation)
        policy = Categorical.from_logits(_allowed(self._actor(features), mask))
        return policy.log_prob(self.index(action)), self._critic(features)[:, 0]

    def index(self, action: NDArray[Any]) -> NDArray[np.int64]:
        """Which logits actions belong to."""
        return action - self._first_action

    def forward(self, observation: NDArray[Any], mask: Mask) -> tuple[Categorical, Floats]:
        """The policy and the values, (batch,), remembering what `backward` needs."""
        features = self._shared.forward(observation)
        policy = Categorical.from_logits(_allowed(self._actor.forward(features), mask))
        return policy, self._critic.forward(features)[:, 0]

    def backward(self, logits_gradient: Floats, value_gradient: Floats) -> None:
        """Write the gradients of all parameters over those before.

        Args:
            logits_gradient: (batch, num_actions), zero where an action is forbidden.
            value_gradient: (batch,).
        """
        shares = len(self._shared) > 0
        gradient = self._actor.backward(logits_gradient, to_input=shares)
        from_value = self._critic.backward(value_gradient[:, None], to_input=shares)
        if shares:
            self._shared.backward(gradient + from_value)


def actor_critic_in_numpy(net: ActorCritic) -> NumpyActorCritic | None:
    """An ActorCritic in numpy, or None where it is not plain enough; see `in_numpy`.

    Args:
        net: its parameters laid out as `FlatParameters`.
    """
    space = net.action_space
    if not isinstance(space, spaces.Discrete):
        return None
    shared = in_numpy([net.features_extractor, net.shared])
    actor = in_numpy([net.actor, net.policy_head])
    critic = in_numpy([net.critic, net.value_head])
    if shared is None or actor is None or critic is None:
        return None
    return NumpyActorCritic(shared, actor, critic, int(space.start))


def _allowed(logits: Floats, mask: Mask) -> Floats:
    """Logits, those of forbidden actions at the lowest number there is."""
    return logits if mask is None else np.where(mask, logits, np.finfo(np.float32).min)
