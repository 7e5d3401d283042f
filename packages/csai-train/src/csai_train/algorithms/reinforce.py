"""REINFORCE with a baseline (Williams 1992; Sutton and Barto 2018, section 13.4), the whole of it.

Play some whole episodes; then make each of their actions likelier in proportion to how much more reward
came after it than was expected of the state it was taken in:

    loss = -mean of log pi(a_t | s_t) * (G_t - V(s_t))

G_t is the discounted sum of rewards to the end of the episode. V is learned alongside, and changes
nothing but the noise. Every policy gradient method starts here; `a2c.py` no longer waits for episodes to
end, and `ppo.py` learns more than once from what it has seen.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from torch import Tensor, nn

from csai_core import trees
from csai_core.algorithm import FirstUpdate, Step
from csai_core.arguments import MOST_ENVS
from csai_core.errors import ConfigError
from csai_core.options import check_types, require
from csai_core.play import LONGEST_EPISODE
from csai_core.ranges import Range, ranging
from csai_core.schedules import ScheduledConfig, changing
from csai_neural import ActorCritic
from csai_train.algorithms.losses import normalized, policy_gradient, value_loss
from csai_train.algorithms.networks import build_actor_critic
from csai_train.algorithms.on_policy import OnPolicy
from csai_train.algorithms.returns import discounted_returns, require_finite_steps
from csai_train.algorithms.sequences import refuse_memory
from csai_train.backends.derivatives import differentiated_by
from csai_train.backends.numpy_policy_gradients import policy_gradient_probes, reinforce_gradient
from csai_train.backends.optimizers import Adam
from csai_train.buffers.experience import RolloutBatch
from csai_train.errors import TrainingWarning
from csai_train.group import Group

MEASURED = ("policy_loss", "value_loss", "entropy")
"""What `reinforce_loss` measures besides the loss."""

TOO_LONG = (
    f"An episode has lasted {LONGEST_EPISODE:,} steps. reinforce keeps whole episodes in memory, so it takes "
    "this one as cut short there. Where episodes are long or have no end, a2c and ppo need not wait for it; "
    "or limit them (--env max_episode_steps=1000)."
)


@dataclass(frozen=True, kw_only=True)
class ReinforceConfig:
    """Settings of REINFORCE."""

    num_envs: int = 8
    """How many environments are played side by side. More fill an update sooner."""
    episodes_per_update: int = ranging(8, Range(1, 32, "log"))
    """How many episodes an update learns from. Larger is steadier and slower; usual 1 to 32."""
    learning_rate: float = changing(2e-3, range=Range(1e-4, 1e-2, "log"))
    """How far each update goes. Smaller is steadier and slower; usual 3e-4 to 1e-2."""
    gamma: float = changing(0.99, range=Range(0.9, 0.999, "log_below_1"))
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999."""
    entropy_coef: float = changing(0.01, range=Range(0.0, 0.05))
    """Reward for staying undecided. Larger explores more; usual 0 to 0.02."""
    value_coef: float = changing(0.5)
    """Weight of the values' errors beside the policy's."""
    max_grad_norm: float = changing(1.0)
    """Longest gradient; longer ones are shortened to it."""
    normalize_advantage: bool = True
    """Whether advantages are brought to mean 0 and deviation 1 in each update."""
    normalize_observation: bool = False
    """Whether observations are brought to mean 0 and deviation 1, as seen so far. For sizes that differ."""
    hidden_sizes: tuple[int, ...] = (64, 64)
    """Sizes of the fully connected layers. Larger ones can tell more apart and learn more slowly."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        check_types(self)
        require(1 <= self.num_envs <= MOST_ENVS, self, "num_envs", f"from 1 to {MOST_ENVS}")
        require(self.episodes_per_update >= 1, self, "episodes_per_update", "at least 1")
        for name in ("learning_rate", "max_grad_norm"):
            require(getattr(self, name) > 0, self, name, "above 0")
        for name in ("entropy_coef", "value_coef"):
            require(getattr(self, name) >= 0, self, name, "at least 0")
        require(0 <= self.gamma <= 1, self, "gamma", "from 0 to 1")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


class Reinforce(OnPolicy):
    """REINFORCE as an `Algorithm`: any observations and actions that an ActorCritic takes.

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

    name = "reinforce"

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: ReinforceConfig,
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
        refuse_memory(net, self.name)
        super().__init__(observation_space, net, config, seed=seed, device=device, backend=backend)
        self.config = config
        self._settings = ScheduledConfig(config, total_steps)
        self.optimizer = Adam(self.backend.parameters, float(config.learning_rate))
        self._playing: list[list[_Moment]] = [[] for _ in range(config.num_envs)]
        self._played: list[list[_Moment]] = []

    def learn(self, step: Step) -> dict[str, float]:
        """Add the step to the episodes, and learn when enough have ended; see `Algorithm.learn`."""
        step = self.as_decided(step)
        self.num_steps += step.num_taken
        count = len(step.reward)
        kept = (trees.copy(part) for part in (step.observation, step.action))
        columns = [trees.unstack(part, count) for part in (*kept, step.reward, step.next_observation)]
        masks = [None] * count if step.action_mask is None else list(step.action_mask.copy())
        for i, (observed, acted, reward, following) in enumerate(zip(*columns, strict=True)):
            if step.is_reset is not None and step.is_reset[i]:
                continue
            self._playing[i].append((observed, acted, masks[i], float(reward)))
            is_too_long = len(self._playing[i]) >= LONGEST_EPISODE
            if is_too_long and not (step.terminated[i] or step.truncated[i]):
                warnings.warn(TOO_LONG, TrainingWarning, stacklevel=2)
            if step.terminated[i] or step.truncated[i] or is_too_long:
                self._finish(i, None if step.terminated[i] else following)
        return self.update() if len(self._played) >= self.config.episodes_per_update else {}

    def _finish(self, index: int, last_observation: Any) -> None:
        """Turn the rewards of an episode into returns; where it was cut short, with what would follow."""
        episode, self._playing[index] = self._playing[index], []
        reward = np.array([[moment[-1]] for moment in episode], dtype=np.float32)
        truncated = np.zeros(reward.shape, dtype=np.bool_)
        next_value = np.zeros_like(reward)
        if last_observation is not None:
            truncated[-1] = True
            next_value[-1] = self.backend.network.value(trees.of_one(last_observation))
        gamma = self._settings.at(self.num_steps).gamma
        returns = discounted_returns(reward, next_value, np.zeros_like(truncated), truncated, gamma=gamma)
        require_finite_steps(**{"return": returns})
        self._played.append(
            [(*moment[:-1], float(g)) for moment, g in zip(episode, returns[:, 0], strict=True)]
        )

    def update(self) -> dict[str, float]:
        """Learn from the episodes played, and forget them."""
        config = self._settings.at(self.num_steps)
        self.optimizer.learning_rate = config.learning_rate
        _, measured = self.backend.differentiate(
            reinforce_loss,
            self._experience(),
            config.max_grad_norm,
            value_coef=config.value_coef,
            entropy_coef=config.entropy_coef,
            normalize_advantage=config.normalize_advantage,
        )
        self.optimizer.step()
        self._played = []
        return dict(zip(MEASURED, measured.tolist(), strict=True))

    def _experience(self) -> RolloutBatch:
        """The episodes played as one batch."""
        moments = [moment for episode in self._played for moment in episode]
        observations, actions, masks, returns = zip(*moments, strict=True)
        observation, action = (trees.apply(_stacked, *each) for each in (observations, actions))
        mask = None
        if known := [each for each in masks if each is not None]:
            mask = np.array([np.ones_like(known[0]) if each is None else each for each in masks])
        return RolloutBatch(observation, action, mask, np.array(returns, dtype=np.float32))

    def set_group(self, group: Group) -> None:
        """Refuse; see `Algorithm.set_group`.

        Raises:
            ConfigError: always.
        """
        raise ConfigError(
            "reinforce cannot be trained by several processes: it learns when episodes end, which they do at "
            "other steps in each. Take a2c or ppo, or train it in one process."
        )

    def first_update(self) -> FirstUpdate:
        """When enough episodes can have ended, of a step each; see `Algorithm.first_update`."""
        return FirstUpdate(self.config.episodes_per_update, ("episodes_per_update",))

    def num_unlearned(self) -> int:
        """The steps of all episodes since the last update; see `Algorithm.num_unlearned`."""
        return sum(map(len, (*self._playing, *self._played)))

    def cut_episodes(self) -> None:
        """Forget the episodes under way, whose ends will never be seen; see `Algorithm.cut_episodes`."""
        self._playing = [[] for _ in self._playing]

    def state_dict(self) -> dict[str, Any]:
        """What `OnPolicy` keeps, the optimizer and the episodes under way."""
        return {
            **super().state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "playing": [list(episode) for episode in self._playing],
            "played": [list(episode) for episode in self._played],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        super().load_state_dict(state)
        self.optimizer.load_state_dict(state["optimizer"])
        self._playing = [list(episode) for episode in state["playing"]]
        self._played = [list(episode) for episode in state["played"]]


def _stacked(*values: Any) -> NDArray[Any]:
    """Single values as a batch."""
    return np.array(values)


@differentiated_by(reinforce_gradient, policy_gradient_probes)
def reinforce_loss(
    net: ActorCritic,
    batch: RolloutBatch,
    *,
    value_coef: float,
    entropy_coef: float,
    normalize_advantage: bool,
) -> tuple[Tensor, Tensor]:
    """What REINFORCE minimizes: policy gradient + value_coef * value loss - entropy_coef * entropy.

    Returns:
        The loss, and the numbers called `MEASURED`, without gradients.

    Reference: Sutton and Barto 2018, section 13.4.
    """
    log_prob, entropy, value = net.evaluate_actions(batch.observation, batch.action, batch.action_mask)
    advantage = batch.returns - value.detach()
    if normalize_advantage:
        advantage = normalized(advantage)
    policy = policy_gradient(log_prob, advantage)
    values = value_loss(value, batch.returns)
    mean_entropy = entropy.mean()
    loss = policy + value_coef * values - entropy_coef * mean_entropy
    return loss, torch.stack([policy, values, mean_entropy]).detach()


_Moment = tuple[Any, Any, Any, float]
"""Observation, action, mask, and the reward, or the return once the episode is over."""
