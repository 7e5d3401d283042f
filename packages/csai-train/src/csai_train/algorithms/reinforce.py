"""REINFORCE with a baseline (Williams 1992; Sutton and Barto 2018, section 13.4), the whole of it.

Play some whole episodes; then make each of their actions likelier in proportion to how much more reward
came after it than was expected of the state it was taken in:

    loss = -mean of log pi(a_t | s_t) * (G_t - V(s_t))

G_t is the discounted sum of rewards to the end of the episode. V is learned alongside, and changes
nothing but the noise. Every policy gradient method starts here; `a2c.py` no longer waits for episodes to
end, and `ppo.py` learns more than once from what it has seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from gymnasium import spaces
from numpy.typing import NDArray
from torch import Tensor

from csai_core import trees
from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.options import require
from csai_train.algorithms.losses import policy_gradient, value_loss
from csai_train.algorithms.networks import build_actor_critic
from csai_train.algorithms.on_policy import require_own_decision
from csai_train.algorithms.returns import discounted_returns, require_finite_steps
from csai_train.backends.flat import Adam, FlatParameters


@dataclass(frozen=True, kw_only=True)
class ReinforceConfig:
    """Settings of REINFORCE."""

    num_envs: int = 8
    """How many environments are played side by side. More fill an update sooner."""
    episodes_per_update: int = 8
    """How many episodes an update learns from. Larger is steadier and slower; usual 1 to 32."""
    learning_rate: float = 2e-3
    """How far each update goes. Smaller is steadier and slower; usual 3e-4 to 1e-2."""
    gamma: float = 0.99
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999."""
    entropy_coef: float = 0.01
    """Reward for staying undecided. Larger explores more; usual 0 to 0.02."""
    value_coef: float = 0.5
    """Weight of the values' errors beside the policy's."""
    max_grad_norm: float = 1.0
    """Longest gradient; longer ones are shortened to it."""
    normalize_advantage: bool = True
    """Whether advantages are brought to mean 0 and deviation 1 in each update."""
    hidden_sizes: tuple[int, ...] = (64, 64)
    """Sizes of the fully connected layers. Larger ones can tell more apart and learn more slowly."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        for name in ("num_envs", "episodes_per_update"):
            require(getattr(self, name) >= 1, self, name, "at least 1")
        for name in ("learning_rate", "max_grad_norm"):
            require(getattr(self, name) > 0, self, name, "above 0")
        for name in ("entropy_coef", "value_coef"):
            require(getattr(self, name) >= 0, self, name, "at least 0")
        require(0 <= self.gamma <= 1, self, "gamma", "from 0 to 1")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


class Reinforce(Algorithm):
    """REINFORCE as an `Algorithm`: any observations and actions that an ActorCritic takes.

    Args:
        observation_space: of one environment.
        action_space: of one environment.
        config: the settings.
        total_steps: how long the training will be; nothing is planned by it.
        seed: decides the first weights and the actions drawn.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Space[Any],
        config: ReinforceConfig,
        *,
        total_steps: int,
        seed: int,
    ) -> None:
        self.config = config
        self._spaces = observation_space, action_space
        self._random = torch.Generator().manual_seed(seed)
        self.net = build_actor_critic(observation_space, action_space, config.hidden_sizes, seed=seed)
        self.parameters = FlatParameters(self.net)
        self.optimizer = Adam(self.parameters, config.learning_rate)
        self._playing: list[list[_Moment]] = [[] for _ in range(config.num_envs)]
        self._played: list[list[_Moment]] = []

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Draw actions from the policy, or take the likeliest; see `Algorithm.act`."""
        action = self.net.act(observation, not explore, action_mask, self._random).action
        # What was drawn may lie outside the space's bounds, and is what must be learned from.
        return Decision(self.net.to_environment(action), memo=trees.apply(Tensor.numpy, action))

    def learn(self, step: Step) -> dict[str, float]:
        """Add the step to the episodes, and learn when enough have ended; see `Algorithm.learn`."""
        require_own_decision(step, "reinforce")
        count = len(step.reward)
        mask = step.action_mask
        parts = (step.observation, step.memo, step.reward, step.next_observation)
        columns = [trees.unstack(part, count) for part in parts]
        masks = [None] * count if mask is None else list(mask)
        for i, (observed, acted, reward, following) in enumerate(zip(*columns, strict=True)):
            if step.is_reset is not None and step.is_reset[i]:
                continue
            self._playing[i].append((observed, acted, masks[i], float(reward)))
            if step.terminated[i] or step.truncated[i]:
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
            with torch.no_grad():
                next_value[-1] = self.net.get_value(last_observation).item()
        returns = discounted_returns(
            reward, next_value, np.zeros_like(truncated), truncated, gamma=self.config.gamma
        )
        require_finite_steps(**{"return": returns})
        self._played.append(
            [(*moment[:-1], float(g)) for moment, g in zip(episode, returns[:, 0], strict=True)]
        )

    def update(self) -> dict[str, float]:
        """Learn from the episodes played, and forget them."""
        config = self.config
        moments = [moment for episode in self._played for moment in episode]
        self._played = []
        observations, actions, masks, sums = zip(*moments, strict=True)
        observation, action = (
            trees.apply(torch.from_numpy, trees.stack(space, values))
            for space, values in zip(self._spaces, (observations, actions), strict=True)
        )
        mask = None if masks[0] is None else torch.from_numpy(np.array(masks)).bool()
        returns = torch.tensor(sums)
        log_prob, entropy, value = self.net.evaluate_actions(observation, action, mask)
        advantage = returns - value.detach()
        if config.normalize_advantage and len(advantage) > 1:
            advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        policy, values, spread = (
            policy_gradient(log_prob, advantage),
            value_loss(value, returns),
            entropy.mean(),
        )
        loss = policy + config.value_coef * values - config.entropy_coef * spread
        self.parameters.differentiate(loss, config.max_grad_norm)
        self.optimizer.step()
        return {"policy_loss": policy.item(), "value_loss": values.item(), "entropy": spread.item()}

    def cut_episodes(self) -> None:
        """Forget the episodes under way, whose ends will never be seen; see `Algorithm.cut_episodes`."""
        self._playing = [[] for _ in self._playing]

    def state_dict(self) -> dict[str, Any]:
        """Weights, optimiser, the episodes under way and the generator's state."""
        return {
            "parameters": self.parameters.values,
            "optimizer": self.optimizer.state_dict(),
            "playing": [list(episode) for episode in self._playing],
            "played": [list(episode) for episode in self._played],
            "random": self._random.get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.parameters.values.copy_(torch.as_tensor(state["parameters"]))
        self.optimizer.load_state_dict(state["optimizer"])
        self._playing = [list(episode) for episode in state["playing"]]
        self._played = [list(episode) for episode in state["played"]]
        self._random.set_state(torch.as_tensor(state["random"]))


_Moment = tuple[Any, Any, Any, float]
"""Observation, action, mask, and the reward, or the return once the episode is over."""
