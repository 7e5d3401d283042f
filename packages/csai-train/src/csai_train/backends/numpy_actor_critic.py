"""A plain ActorCritic in numpy: it plays, values what it sees, and goes backwards."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from csai_neural import ActorCritic
from csai_train.backends.numpy_distributions import Distribution, Floats
from csai_train.backends.numpy_layers import NumpyLayers, in_numpy
from csai_train.backends.numpy_policies import Policy, make_policy


class NumpyActorCritic:
    """The layers of an ActorCritic as three rows: shared ones, the policy's and the value's.

    Observations are (batch, size). The weights are views of the network's own.

    Args:
        net: where the log standard deviations and the action space are.
        shared: from observations to features; may be empty.
        actor: from features to the policy's numbers.
        critic: from features to values.
    """

    def __init__(
        self, net: ActorCritic, shared: NumpyLayers, actor: NumpyLayers, critic: NumpyLayers
    ) -> None:
        self.policy: Policy = make_policy(net.action_space, net.gaussian)
        self.log_std: Floats = net.log_std.detach().numpy()
        self._log_std_gradient = None if net.log_std.grad is None else net.log_std.grad.numpy()
        self._shared = shared
        self._actor = actor
        self._critic = critic

    def outputs(self, observation: NDArray[Any]) -> Floats:
        """The policy's numbers: (batch, num_outputs)."""
        return self._actor(self._shared(observation))

    def value(self, observation: NDArray[Any]) -> Floats:
        """Values: (batch,)."""
        return self._critic(self._shared(observation))[:, 0]

    def outputs_and_value(self, observation: NDArray[Any]) -> tuple[Floats, Floats]:
        """Both, for the price of one pass through what they share."""
        features = self._shared(observation)
        return self._actor(features), self._critic(features)[:, 0]

    def forward(self, observation: NDArray[Any], mask: Any = None) -> tuple[Distribution, Floats]:
        """The policy and the values, (batch,), remembering what `backward` needs."""
        features = self._shared.forward(observation)
        outputs = self._actor.forward(features)
        if mask is not None:
            outputs = self.policy.masked(outputs, mask)
        return self.policy.distribution(outputs, self.log_std), self._critic.forward(features)[:, 0]

    def backward(self, to_outputs: Floats, to_log_std: Floats, to_value: Floats) -> None:
        """Write the gradients of all parameters over those before.

        Args:
            to_outputs: (batch, num_outputs), zero where an action is forbidden.
            to_log_std: (num_deviations,).
            to_value: (batch,).
        """
        shares = len(self._shared) > 0
        gradient = self._actor.backward(to_outputs, to_input=shares)
        from_value = self._critic.backward(to_value[:, None], to_input=shares)
        if shares:
            self._shared.backward(gradient + from_value)
        if self._log_std_gradient is not None:
            self._log_std_gradient[:] = to_log_std


def actor_critic_in_numpy(net: ActorCritic) -> NumpyActorCritic | None:
    """An ActorCritic in numpy, or None where it is not plain enough; see `in_numpy`.

    Args:
        net: its parameters laid out as `FlatParameters`.
    """
    shared = in_numpy([net.features_extractor, net.shared])
    actor = in_numpy([net.actor, net.policy_head])
    critic = in_numpy([net.critic, net.value_head])
    if shared is None or actor is None or critic is None:
        return None
    return NumpyActorCritic(net, shared, actor, critic)
