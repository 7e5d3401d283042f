"""Proximal policy optimisation, PPO (Schulman et al. 2017, arXiv:1707.06347), the whole of it.

Play for a while with the policy as it is; judge each action by how much better it turned out than
expected (its advantage); then move the policy towards the better actions, a few times over the same
experience, but never far from the policy that made it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from torch import Tensor

from csai_core import trees
from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.options import require
from csai_neural import ActorCritic
from csai_train.algorithms.losses import approximate_kl, clipped_surrogate, value_loss
from csai_train.algorithms.networks import as_input, build_actor_critic
from csai_train.algorithms.on_policy import require_own_decision
from csai_train.algorithms.returns import gae, require_finite_steps
from csai_train.algorithms.scaling import ObservationScaler
from csai_train.backends.flat import Adam, FlatParameters
from csai_train.backends.numpy_actor_critic import actor_critic_in_numpy
from csai_train.backends.numpy_ppo import ppo_gradient
from csai_train.buffers.rollout import RolloutBuffer

MEASURED = ("policy_loss", "value_loss", "entropy", "kl")
"""What `ppo_loss` measures besides the loss."""


@dataclass(frozen=True, kw_only=True)
class PPOConfig:
    """Settings of PPO."""

    num_envs: int = 8
    """How many environments are played side by side. More give more varied experience an update."""
    num_steps: int = 128
    """Steps in each environment between updates. Larger judges actions better and updates less often."""
    num_epochs: int = 4
    """How often each update goes over its experience. Larger learns more from it, less steadily; 3 to 20."""
    num_minibatches: int = 4
    """Into how many parts the experience is cut for gradient steps. Larger takes more, noisier steps."""
    learning_rate: float = 2.5e-4
    """How far each gradient step goes. Smaller is steadier and slower; usual 1e-4 to 3e-3."""
    anneal_learning_rate: bool = True
    """Whether the learning rate falls to zero over the training, which steadies its end."""
    gamma: float = 0.99
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999."""
    gae_lambda: float = 0.95
    """0 judges actions by the values alone, 1 by the rewards alone; usual 0.8 to 0.98."""
    clip_range: float = 0.2
    """How far the new policy may move in an update. Smaller is steadier and slower; usual 0.1 to 0.3."""
    anneal_clip_range: bool = False
    """Whether the clip range falls to zero over the training."""
    value_clip_range: float | None = None
    """How far a value may move in an update; None sets no limit, and is usually better."""
    entropy_coef: float = 0.01
    """Reward for staying undecided. Larger explores more; usual 0 to 0.02."""
    value_coef: float = 0.5
    """Weight of the values' errors beside the policy's. Matters only where both share layers."""
    max_grad_norm: float = 0.5
    """Longest gradient; longer ones are shortened to it."""
    target_kl: float | None = None
    """Ends an update early when the policy has moved this far; None never does. Usual 0.01 to 0.03."""
    normalize_advantage: bool = True
    """Whether advantages are brought to mean 0 and deviation 1 in each minibatch."""
    normalize_observation: bool = False
    """Whether observations are brought to mean 0 and deviation 1, as seen so far. For sizes that differ."""
    hidden_sizes: tuple[int, ...] = (64, 64)
    """Sizes of the fully connected layers. Larger ones can tell more apart and learn more slowly."""
    share_layers: bool = False
    """Whether policy and values share these layers. Sharing suits images, where seeing is the hard part."""
    activation: Literal["tanh", "relu"] = "tanh"
    """Between the layers: tanh is the steadier, relu the faster to compute."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        for name in ("num_envs", "num_steps", "num_epochs", "num_minibatches"):
            require(getattr(self, name) >= 1, self, name, "at least 1")
        for name in ("learning_rate", "clip_range", "max_grad_norm"):
            require(getattr(self, name) > 0, self, name, "above 0")
        for name in ("gamma", "gae_lambda"):
            require(0 <= getattr(self, name) <= 1, self, name, "from 0 to 1")
        for name in ("entropy_coef", "value_coef"):
            require(getattr(self, name) >= 0, self, name, "at least 0")
        for name in ("value_clip_range", "target_kl"):
            require(getattr(self, name) is None or getattr(self, name) > 0, self, name, "above 0, or None")
        batch = self.num_envs * self.num_steps
        require(self.num_minibatches <= batch, self, "num_minibatches", f"at most {batch}, the batch size")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


class ProximalPolicyOptimization(Algorithm):
    """PPO as an `Algorithm`: any observations and actions that an ActorCritic takes.

    Args:
        observation_space: of one environment.
        action_space: of one environment.
        config: the settings.
        total_steps: how long the training will be; what is annealed is planned by it.
        seed: decides the first weights, the actions drawn and the order of minibatches.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: PPOConfig,
        *,
        total_steps: int,
        seed: int,
    ) -> None:
        self.config = config
        self.num_steps = 0
        self._total_steps = total_steps
        self._random = torch.Generator().manual_seed(seed)
        self.scaler = ObservationScaler(observation_space) if config.normalize_observation else None
        self.net = build_actor_critic(
            observation_space,
            action_space,
            config.hidden_sizes,
            share_layers=config.share_layers,
            activation=config.activation,
            seed=seed,
        )
        self.parameters = FlatParameters(self.net)
        self.optimizer = Adam(self.parameters, config.learning_rate, epsilon=1e-5)
        self.rollout = RolloutBuffer(config.num_steps, config.num_envs)
        self._quick_net = actor_critic_in_numpy(self.net)
        self._quick_random = np.random.default_rng(seed)

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Draw actions from the policy, or take the likeliest; see `Algorithm.act`."""
        if self.scaler is not None:
            observation = self.scaler.scale(observation, learn=explore)
        if explore and self._quick_net is not None:
            actions = self._quick_net.draw(observation, action_mask, self._quick_random)
            return Decision(actions, memo=(observation, actions))
        policy = self.net.policy
        with torch.inference_mode():
            outputs = self.net.get_policy_outputs(as_input(observation))
            if action_mask is not None:
                outputs = policy.masked(outputs, action_mask)
            if not explore:
                return Decision(policy.to_environment(policy.mode(outputs)))
            action = policy.sample(outputs, self.net.log_std, self._random)
        # What was drawn may lie outside the space's bounds, and is what must be learned from.
        memo = (observation, trees.apply(Tensor.numpy, action))
        return Decision(policy.to_environment(action), memo)

    def learn(self, step: Step) -> dict[str, float]:
        """Add the step to the rollout, and learn when that is full; see `Algorithm.learn`."""
        require_own_decision(step, "ppo")
        observation, action = step.memo
        next_observation = step.next_observation
        if self.scaler is not None:
            next_observation = self.scaler.scale(next_observation, learn=False)
        self.rollout.add(
            observation,
            action,
            step.reward,
            step.terminated,
            step.truncated,
            next_observation,
            step.action_mask,
            step.is_reset,
        )
        self.num_steps += step.num_taken
        return self.update() if self.rollout.is_full else {}

    def update(self) -> dict[str, float]:
        """Learn from a full rollout."""
        config = self.config
        remaining = self._remaining()
        if config.anneal_learning_rate:
            self.optimizer.learning_rate = config.learning_rate * remaining
        clip_range = config.clip_range * (remaining if config.anneal_clip_range else 1.0)
        batch = self._judge_rollout()
        measured: list[list[float]] = []
        for _ in range(config.num_epochs):
            order = torch.randperm(len(batch.advantage), generator=self._random)
            for minibatch in batch.take(order).split(config.num_minibatches):
                measured.append(self._differentiate(minibatch, clip_range))
                self.optimizer.step()
            if config.target_kl is not None and measured[-1][3] > config.target_kl:
                break
        means = np.mean(measured, axis=0).tolist()
        return {**dict(zip(MEASURED, means, strict=True)), "explained_variance": batch.explained_variance}

    def _differentiate(self, batch: Experience, clip_range: float) -> list[float]:
        """Put the gradient of the loss into `parameters`; the numbers called `MEASURED`."""
        config = self.config
        settings: dict[str, Any] = {
            "clip_range": clip_range,
            "value_clip_range": config.value_clip_range,
            "value_coef": config.value_coef,
            "entropy_coef": config.entropy_coef,
            "normalize_advantage": config.normalize_advantage,
        }
        if self._quick_net is not None:
            loss, measured = ppo_gradient(self._quick_net, batch, **settings)
            self.parameters.shorten(loss, config.max_grad_norm)
            return measured
        loss_tensor, measurements = ppo_loss(self.net, batch, **settings)
        self.parameters.differentiate(loss_tensor, config.max_grad_norm)
        return measurements.tolist()

    def _remaining(self) -> float:
        """The part of the training that lay ahead when this rollout began: 1 at first, never 0."""
        before = self.num_steps - self.rollout.num_taken
        return max(0.0, 1.0 - before / self._total_steps)

    @torch.no_grad()
    def _judge_rollout(self) -> Experience:
        """The rollout as one batch, with values, log-probabilities, advantages and returns.

        These are found here in one pass, rather than step by step while playing: the weights have not
        changed since.
        """
        rollout, shape = self.rollout, self.rollout.reward.shape
        observation, action, mask = rollout.tensors()
        log_prob, value = self._judge(observation, action, mask)
        values = value.numpy().reshape(shape)
        next_values = rollout.next_values(values, self._value)
        require_finite_steps(reward=rollout.reward, value=values, next_value=next_values)
        advantage = gae(
            rollout.reward,
            values,
            next_values,
            rollout.terminated,
            rollout.truncated,
            gamma=self.config.gamma,
            gae_lambda=self.config.gae_lambda,
        )
        flat_advantage = torch.from_numpy(advantage.reshape(-1))
        batch = Experience(observation, action, mask, log_prob, value, flat_advantage, value + flat_advantage)
        return batch if rollout.is_reset is None else batch.take(rollout.taken())

    def _judge(self, observation: Any, action: Any, mask: Tensor | None) -> tuple[Tensor, Tensor]:
        """The log-probabilities of actions, and the values of observations, each (batch,)."""
        if self._quick_net is not None:
            mask_array = None if mask is None else mask.numpy()
            log_prob, value = self._quick_net.judge(observation.numpy(), action.numpy(), mask_array)
            return torch.from_numpy(log_prob), torch.from_numpy(value)
        judgement = self.net.evaluate_actions(observation, action, mask)
        return judgement.log_prob, judgement.value

    def _value(self, observation: Any) -> NDArray[np.float32]:
        """The values of observations: (batch,)."""
        if self._quick_net is not None:
            return self._quick_net.value(observation)
        value: NDArray[np.float32] = self.net.get_value(as_input(observation)).numpy()
        return value

    def cut_episodes(self) -> None:
        """Count the episodes under way as cut short; see `Algorithm.cut_episodes`."""
        self.rollout.cut()

    def state_dict(self) -> dict[str, Any]:
        """Weights, optimiser, the rollout under way, steps taken and the generator's state."""
        return {
            "parameters": self.parameters.values,
            "optimizer": self.optimizer.state_dict(),
            "rollout": self.rollout.state_dict(),
            "scaler": None if self.scaler is None else self.scaler.state_dict(),
            "num_steps": self.num_steps,
            "random": self._random.get_state(),
            "quick_random": self._quick_random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.parameters.values.copy_(torch.as_tensor(state["parameters"]))
        self.optimizer.load_state_dict(state["optimizer"])
        self.rollout.load_state_dict(state["rollout"])
        if self.scaler is not None:
            self.scaler.load_state_dict(state["scaler"])
        self.num_steps = state["num_steps"]
        self._random.set_state(torch.as_tensor(state["random"]))
        self._quick_random.bit_generator.state = state["quick_random"]


@dataclass(frozen=True)
class Experience:
    """What a policy has lived through, judged; every field has leading axis batch."""

    observation: Any
    action: Any
    action_mask: Tensor | None
    log_prob: Tensor
    """Of the actions, under the policy that chose them."""
    value: Tensor
    """Of the observations, as they were judged then."""
    advantage: Tensor
    """How much better the actions turned out than expected."""
    returns: Tensor
    """What the values should have been."""

    def take(self, chosen: Tensor | slice) -> Experience:
        """The part at these positions."""

        def pick(each: Tensor) -> Tensor:
            # For rows of bytes, sixteen times faster than each[chosen].
            return each.index_select(0, chosen) if isinstance(chosen, Tensor) else each[chosen]

        part: dict[str, Any] = {
            name: None if field is None else trees.apply(pick, field) for name, field in vars(self).items()
        }
        return Experience(**part)

    def split(self, count: int) -> Iterator[Experience]:
        """Parts of even size, one after the other."""
        size = len(self.advantage)
        count = min(count, size)
        for i in range(count):
            yield self.take(slice(size * i // count, size * (i + 1) // count))

    @property
    def explained_variance(self) -> float:
        """1 where the values foretold the returns exactly, 0 where their mean would have done as well."""
        variance = self.returns.var(correction=0)
        unexplained = (self.returns - self.value).var(correction=0)
        return float(1 - unexplained / variance) if variance > 0 else 0.0


def ppo_loss(
    net: ActorCritic,
    batch: Experience,
    *,
    clip_range: float,
    value_clip_range: float | None,
    value_coef: float,
    entropy_coef: float,
    normalize_advantage: bool,
    epsilon: float = 1e-8,
) -> tuple[Tensor, Tensor]:
    """What PPO minimises: clipped surrogate + value_coef * value loss - entropy_coef * entropy.

    Differs from the paper: advantages are normalised, if asked for, in each minibatch; `epsilon` guards
    the division by their deviation.

    Returns:
        The loss, and the numbers called `MEASURED`, without gradients.

    Reference: Schulman et al. 2017, arXiv:1707.06347, equation 9.
    """
    log_prob, entropy, value = net.evaluate_actions(batch.observation, batch.action, batch.action_mask)
    advantage = batch.advantage
    if normalize_advantage and len(advantage) > 1:
        advantage = (advantage - advantage.mean()) / (advantage.std() + epsilon)
    policy = clipped_surrogate(log_prob, batch.log_prob, advantage, clip_range=clip_range)
    values = value_loss(value, batch.returns, batch.value, clip_range=value_clip_range)
    spread = entropy.mean()
    loss = policy + value_coef * values - entropy_coef * spread
    with torch.no_grad():
        kl = approximate_kl(log_prob, batch.log_prob)
        return loss, torch.stack([policy, values, spread, kl])
