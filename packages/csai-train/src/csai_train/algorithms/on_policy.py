"""What methods have in common that learn from what their present policy did: REINFORCE, A2C and PPO."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from torch import Tensor

from csai_core.algorithm import Algorithm, Decision, FirstUpdate, Learned, Outlook, Step
from csai_core.errors import ConfigError
from csai_neural import ActorCritic
from csai_neural.action_heads import ActionHead, PolicyHead
from csai_train.algorithms.returns import gae, require_finite_steps
from csai_train.algorithms.scaling import ObservationScaler, RewardScaler
from csai_train.algorithms.sequences import initial_memory, memory_before
from csai_train.backends.backend import Backend
from csai_train.backends.numpy_policies import make_policy
from csai_train.backends.torch import as_array, training_mode
from csai_train.buffers.experience import RolloutBatch
from csai_train.buffers.rollout import RolloutBuffer
from csai_train.group import Group

Floats = NDArray[np.float32]
ACTOR_CRITIC = "a policy with values (ActorCritic)"
"""What these methods learn; each can start from what another of them has learned."""


class OnPolicyConfig(Protocol):
    """What the settings of all of them say."""

    @property
    def normalize_observation(self) -> bool:
        """Whether observations are brought to mean 0 and deviation 1, as seen so far."""


class AdvantageConfig(Protocol):
    """What those say that learn by advantages."""

    @property
    def normalize_advantage(self) -> bool:
        """Whether advantages are brought to mean 0 and deviation 1 in each minibatch."""


class OnPolicy(Algorithm):
    """What REINFORCE, A2C and PPO are beside learning: a policy with values, from which they act.

    Args:
        observation_space: of one environment.
        net: the policy with values.
        config: the settings.
        seed: decides the actions drawn.
        device: where the network is computed; see `Backend`.
        backend: who computes it; see `Backend`.

    Attributes:
        num_steps: how many steps were learned from, or wait for an update.
        group: the processes that learn together; see `Algorithm.set_group`.
        scaler: scales observations before the network takes them. What was acted on is learned from as it was
            scaled then.
        scalers: it, and whatever else is scaled by what was seen so far.
        net: the policy with values.
        policy: what its outputs stand for.
        backend: computes it.
    """

    name: ClassVar[str]
    """Of the algorithm, for errors."""
    learns = ACTOR_CRITIC

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        net: ActorCritic,
        config: OnPolicyConfig,
        *,
        seed: int,
        device: str,
        backend: str,
    ) -> None:
        self.num_steps = self._num_elsewhere = 0
        self.group = Group()
        self.random = np.random.default_rng(seed)
        self.scaler = ObservationScaler(observation_space, is_on=config.normalize_observation)
        self.scalers: list[ObservationScaler | RewardScaler] = [self.scaler]
        self.net = net
        net.input_scaling = self.scaler
        self.policy = make_policy(net.action_space, net.gaussian)
        self.backend = Backend(net, choice=backend, device=device, random=self.random)

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
        """Draw actions from the policy, or take the likeliest; see `Algorithm.act`.

        Returns:
            The actions. Where they were drawn, the memo holds the observations as they were scaled, and the
            actions as they were drawn, which may lie outside the space's bounds: to be learned from. Then
            what was remembered before and after, by a network with memory.
        """
        memory = memory_before(self.backend, observation, memory)
        if not explore:
            outputs, following = self._outputs(self.scaler.scale(observation), action_mask, memory)
            return Decision(self.policy.to_environment(self.policy.mode(outputs)), memory=following)
        self.scaler.include(observation)
        observation = self.scaler.scale(observation)
        drawn, following = self._draw(observation, self.random, action_mask, memory)
        memories = () if memory is None else (memory, following)
        return Decision(self.policy.to_environment(drawn), (observation, drawn, *memories), following)

    def sample(
        self,
        observation: Any,
        random: np.random.Generator,
        action_mask: NDArray[np.int8] | None = None,
        memory: Any = None,
    ) -> Decision:
        """Draw actions from the policy; see `Algorithm.sample`."""
        memory = memory_before(self.backend, observation, memory)
        drawn, memory = self._draw(self.scaler.scale(observation), random, action_mask, memory)
        return Decision(self.policy.to_environment(drawn), memory=memory)

    def explain(
        self, observation: Any, action_mask: NDArray[np.int8] | None = None, memory: Any = None
    ) -> Outlook:
        """The policy's chances and, in unscaled rewards, the state's value; see `Algorithm.explain`."""
        network = self.backend.network
        memory = memory_before(self.backend, observation, memory)
        observation = self.scaler.scale(observation)
        if memory is None:
            outputs, value = network.outputs_and_value(observation)
        else:
            outputs, value, _ = network.step(observation, memory)
        if action_mask is not None:
            outputs = self.policy.masked(outputs, action_mask)
        chances = self.policy.chances(outputs, network.log_std)
        return Outlook(chances=chances, state_value=value * np.float32(self.value_unit))

    def _draw(
        self,
        observation: Any,
        random: np.random.Generator,
        action_mask: NDArray[np.int8] | None,
        memory: Any,
    ) -> tuple[Any, Any]:
        outputs, memory = self._outputs(observation, action_mask, memory)
        return self.policy.draw(outputs, self.backend.network.log_std, random), memory

    def _outputs(
        self, observation: Any, action_mask: NDArray[np.int8] | None, memory: Any
    ) -> tuple[Any, Any]:
        """The policy's numbers, and what is remembered from here on."""
        if memory is None:
            outputs = self.backend.network.outputs(observation)
        else:
            outputs, memory = self.backend.network.step_policy(observation, memory)
        return outputs if action_mask is None else self.policy.masked(outputs, action_mask), memory

    @property
    def value_unit(self) -> float:
        """How large a return is that has the value 1."""
        return 1.0

    def as_decided(self, step: Step) -> Step:
        """A step as the network saw it: with observations scaled, and actions as they were drawn.

        Returns:
            It; its memo holds what was remembered before and after, and nothing for a network without memory.

        Raises:
            ConfigError: if somebody else decided it, so that it has no memo.
        """
        if step.memo is None:
            raise ConfigError(
                f"{self.name} was given a step without the memo of its decision. It learns only from what it "
                "decided itself (on policy): give Step(…, memo=decision.memo). Steps of other actors, such "
                "as demonstrations, suit q_learning and deep_q_learning."
            )
        self._num_elsewhere = step.num_taken_elsewhere
        observation, drawn, *memories = step.memo
        following = self.scaler.scale(step.next_observation)
        return step._replace(observation=observation, action=drawn, next_observation=following, memo=memories)

    def set_group(self, group: Group) -> None:
        """Let gradients, and what is known of observations, be those of all; see `Algorithm.set_group`."""
        self.group = group
        self.backend.join(group)
        for scaler in self.scalers:
            scaler.share()

    def merge_scaling(self) -> None:
        """Scale by what all processes have seen; each goes by what it sees itself between these calls."""
        for scaler in self.scalers:
            scaler.merge(self.group)

    def normalized(
        self, batches: Iterable[RolloutBatch], config: AdvantageConfig, epsilon: float = 1e-8
    ) -> Iterable[RolloutBatch]:
        """Batches whose advantages, if they shall be normalized, are so over the parts of all processes.

        In one process, the loss does that by itself. Means and deviations are exchanged once for all batches.

        Args:
            batches: this process's part of each, as many as in the others.
            config: says whether.
            epsilon: guards the division by the deviation.
        """
        if not (self.group.is_shared and config.normalize_advantage):
            return batches
        parts = list(batches)
        own = [np.asarray(_in_numpy(part.advantage), dtype=np.float64) for part in parts]
        counts = np.array([len(each) for each in own])
        means, squares = np.array([(each.mean(), each.var() * len(each)) for each in own]).T
        count, mean, square = self.group.merge_stats(counts, means, squares)
        deviation = np.sqrt(square / np.maximum(count - 1, 1)) + epsilon
        scales = zip(mean.tolist(), deviation.tolist(), strict=True)
        return [
            replace(part, advantage=(part.advantage - center) / width)
            for part, (center, width) in zip(parts, scales, strict=True)
        ]

    def is_ready(self, rollout: RolloutBuffer) -> bool:
        """Whether there is something to learn from a rollout: it is full, and not of mere resets."""
        return rollout.is_full and self.steps_in(rollout) > 0

    def steps_in(self, rollout: RolloutBuffer) -> int:
        """How many steps a rollout holds, with those that other processes took meanwhile."""
        return rollout.num_taken + rollout.position * self._num_elsewhere

    def decider(self) -> tuple[ActorCritic, ActionHead]:
        """The network that decides, and what makes actions of its numbers, for other programs."""
        return self.net, PolicyHead(self.net.policy)

    def learned(self) -> Learned:
        """The network, and the scaling of observations; see `Algorithm.learned`."""
        return Learned(self.net, {"observation_scaling": self.scaler.state_dict()})

    def start_from(self, state: Mapping[str, Any]) -> None:
        """Go on with the scaling of observations; see `Algorithm.start_from`."""
        self.scaler.load_state_dict(state["observation_scaling"])

    def describe(self) -> dict[str, str]:
        """Backend and device; see `Algorithm.describe`."""
        return self.backend.describe()

    def state_dict(self) -> dict[str, Any]:
        """Weights, the scaling of observations, steps taken and the generator's state."""
        return {
            "backend": self.backend.state_dict(),
            "scaler": self.scaler.state_dict(),
            "num_steps": self.num_steps,
            "random": self.random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.backend.load_state_dict(state["backend"])
        self.scaler.load_state_dict(state.get("scaler"))
        self.num_steps = state.get("num_steps", 0)
        self.random.bit_generator.state = state["random"]


def _in_numpy(values: Any) -> Any:
    return as_array(values) if isinstance(values, Tensor) else values


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
