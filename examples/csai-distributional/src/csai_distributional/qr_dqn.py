"""Deep Q-learning that learns how returns are spread: QR-DQN, the whole of it.

Deep Q-learning predicts the mean of what an action will bring. Here each action has many numbers, the
quantiles of what it may bring: one that is too low for half of the returns, one for a tenth, and so on. Each
is pulled up by returns above it and down by those below, unevenly, so that it settles where its share is
right. Actions are chosen by the mean of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from csai_core.algorithm import Algorithm, Decision, FirstUpdate, Outlook, Step
from csai_core.options import check_types, require
from csai_neural import default_body, load_network, seeded
from csai_train import ReplayBuffer, Transitions
from gymnasium import spaces
from gymnasium.vector import VectorEnv
from numpy.typing import NDArray
from torch import Tensor, nn

from csai_distributional.noisy_linear import NoisyLinearBlock


@dataclass(frozen=True, kw_only=True)
class QuantileRegressionDQNConfig:
    """Settings; each explanation is the help of an option of `csai train`."""

    num_envs: int = 1
    """How many environments are played side by side."""
    num_quantiles: int = 51
    """How many quantiles each action has. More describe returns in more detail and take longer; 10 to 200."""
    hidden_sizes: tuple[int, ...] = (128, 128)
    """Sizes of the fully connected layers. Larger ones can tell more apart and learn more slowly."""
    noisy: bool = False
    """Whether the last layer explores by the noise of its weights, in place of random actions."""
    learning_rate: float = 5e-4
    """How far each gradient step goes. Smaller is steadier and slower; usual 1e-4 to 1e-3."""
    gamma: float = 0.99
    """Discount. Nearer 1 looks further ahead and learns more slowly; usual 0.95 to 0.999."""
    kappa: float = 1.0
    """Errors smaller than this count by their square. Larger is smoother; 0.1 to 1."""
    batch_size: int = 64
    """How many transitions each update learns from."""
    capacity: int = 50_000
    """How many transitions are remembered."""
    learning_starts: int = 500
    """How many steps are played before the first update."""
    train_every: int = 1
    """Steps between updates. Larger is faster and learns less from each step."""
    target_every: int = 500
    """Steps between copies of the network into the one that judges what follows. Larger is steadier."""
    epsilon_start: float = 1.0
    """Share of random actions at the start."""
    epsilon_end: float = 0.02
    """Share of random actions once exploring is over."""
    exploration_fraction: float = 0.2
    """After which share of the training the share of random actions has fallen to its end."""
    max_grad_norm: float = 10.0
    """Longest gradient; longer ones are shortened to it."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        check_types(self)
        counts = ("num_envs", "num_quantiles", "batch_size", "capacity", "train_every", "target_every")
        for name in counts:
            require(getattr(self, name) >= 1, self, name, "at least 1")
        for name in ("learning_rate", "kappa", "max_grad_norm"):
            require(getattr(self, name) > 0, self, name, "above 0")
        for name in ("gamma", "epsilon_start", "epsilon_end"):
            require(0 <= getattr(self, name) <= 1, self, name, "from 0 to 1")
        require(0 < self.exploration_fraction <= 1, self, "exploration_fraction", "above 0 and at most 1")
        require(self.learning_starts >= 0, self, "learning_starts", "at least 0")
        require(all(size >= 1 for size in self.hidden_sizes), self, "hidden_sizes", "at least 1 each")


class QuantileNetwork(nn.Module):
    """From observations to (batch, num_actions, num_quantiles).

    Args:
        body: from observations to vectors.
        num_actions: how many actions there are.
        config: how many quantiles each has, and the layers between.
    """

    def __init__(self, body: nn.Module, num_actions: int, config: QuantileRegressionDQNConfig) -> None:
        super().__init__()
        self.body = body
        self.shape = num_actions, config.num_quantiles
        size = int(body.output_shape[0])  # type: ignore[index]
        layers: list[nn.Module] = []
        for hidden in config.hidden_sizes:
            layers += [nn.Linear(size, hidden), nn.ReLU()]
            size = hidden
        num_outputs = num_actions * config.num_quantiles
        if config.noisy:
            head: nn.Module = NoisyLinearBlock(num_outputs)
            head.fit((size,))  # type: ignore[operator]
        else:
            head = nn.Linear(size, num_outputs)
        self.layers = nn.Sequential(*layers, head)

    def forward(self, observation: Any) -> Tensor:
        """The quantiles of what each action brings."""
        quantiles: Tensor = self.layers(self.body(observation))
        return quantiles.reshape(-1, *self.shape)


class QuantileRegressionDQN(Algorithm):
    """QR-DQN for any observations and a Discrete action space.

    Args:
        observation_space: of one environment.
        action_space: of one environment.
        config: the settings.
        total_steps: how long the training will be; exploration is planned by that.
        seed: decides the first weights, the actions tried and the draws from the memory.
        network: a body to put the quantiles on; None takes one that follows the space.

    Reference: Dabney et al. 2018, "Distributional reinforcement learning with quantile regression",
    arXiv:1710.10044, algorithm 1.
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Discrete,
        config: QuantileRegressionDQNConfig,
        *,
        total_steps: int,
        seed: int,
        network: nn.Module | None = None,
    ) -> None:
        self.config = config
        self.num_steps = 0
        self.num_actions, self.first_action = int(action_space.n), int(action_space.start)
        self.exploration_steps = config.exploration_fraction * total_steps
        self.random = np.random.default_rng([seed, 0])
        body = load_network(network or default_body, observation_space, seed=seed)
        with seeded(seed):
            self.network = QuantileNetwork(body, self.num_actions, config).eval()
            self.target = QuantileNetwork(body.copy(), self.num_actions, config).eval()
        self.target.load_state_dict(self.network.state_dict())
        self.optimizer = torch.optim.Adam(self.network.parameters(), config.learning_rate)
        self.buffer = ReplayBuffer(config.batch_size, config.capacity, seed=seed)

    @property
    def epsilon(self) -> float:
        """The share of random actions now."""
        config = self.config
        if config.noisy and self.num_steps >= config.learning_starts:
            return 0.0
        share = min(self.num_steps / self.exploration_steps, 1.0)
        return config.epsilon_start + share * (config.epsilon_end - config.epsilon_start)

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """Choose the actions whose quantiles have the highest mean; see `Algorithm.act`."""
        values = self._values(observation, is_noisy=explore and self.config.noisy)
        lots = self.random.random((2, *values.shape)) if explore else np.zeros((2, *values.shape))
        if action_mask is not None:
            values, lots[1] = np.where(action_mask, values, -np.inf), np.where(action_mask, lots[1], -1.0)
        is_random = lots[0, :, 0] < self.epsilon if explore else np.zeros(len(values), bool)
        return Decision(
            self.first_action + np.where(is_random, lots[1].argmax(axis=1), values.argmax(axis=1))
        )

    def explain(self, observation: Any, action_mask: NDArray[np.int8] | None = None) -> Outlook:
        """What it expects of each action; see `Algorithm.explain`."""
        return Outlook(self._values(observation, is_noisy=False))

    def learn(self, step: Step) -> Mapping[str, float]:
        """Remember a step, and update the network when it is time to; see `Algorithm.learn`."""
        config, before = self.config, self.num_steps
        self.buffer.extend(step._replace(action=step.action - self.first_action))
        self.num_steps += step.num_taken
        metrics: dict[str, float] = {}
        if self.num_steps > config.learning_starts and self.buffer.size():
            for _ in range(self.num_steps // config.train_every - before // config.train_every):
                metrics = self.update(self.buffer.sample())
        if self.num_steps // config.target_every > before // config.target_every:
            self.target.load_state_dict(self.network.state_dict())
        return {**metrics, "epsilon": self.epsilon} if metrics else {}

    def update(self, batch: Transitions) -> dict[str, float]:
        """Take one gradient step on a batch."""
        config = self.config
        tensors = batch._replace(
            **{name: torch.as_tensor(getattr(batch, name)) for name in ("action", "reward", "terminated")}
        )
        with seeded(int(self.random.integers(2**63))):
            if config.noisy:
                self.network.train()
                self.target.train()
            loss, quantiles = quantile_loss(
                self.network, self.target, tensors, gamma=config.gamma, kappa=config.kappa
            )
            self.network.eval()
            self.target.eval()
        self.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), config.max_grad_norm)
        self.optimizer.step()
        spread = quantiles.std(dim=1).mean() if quantiles.shape[1] > 1 else torch.zeros(())
        return {"loss": loss.item(), "value": quantiles.mean().item(), "spread": spread.item()}

    def first_update(self) -> FirstUpdate:
        """When there are enough steps, and it is time to; see `Algorithm.first_update`."""
        config = self.config
        rounds = config.learning_starts // config.num_envs + 1
        every = config.train_every
        while rounds * config.num_envs // every == (rounds - 1) * config.num_envs // every:
            rounds += 1
        return FirstUpdate(rounds * config.num_envs, ("learning_starts", "train_every", "num_envs"))

    def num_unlearned(self) -> int:
        """All steps until the first update; see `Algorithm.num_unlearned`."""
        return self.num_steps if self.num_steps < self.first_update().steps else 0

    def set_envs(self, envs: VectorEnv[Any, Any, Any]) -> None:
        """Let the memory know them; see `Algorithm.set_envs`."""
        self.buffer.set_envs(envs)

    def cut_episodes(self) -> None:
        """What is stored next belongs to new episodes; see `Algorithm.cut_episodes`."""
        self.buffer.cut_episodes()

    def state_dict(self) -> dict[str, Any]:
        """Networks, optimizer, memory, steps taken and the generator's state."""
        return {
            "network": self.network.state_dict(),
            "target": self.target.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "buffer": self.buffer.state_dict(),
            "num_steps": self.num_steps,
            "random": self.random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.network.load_state_dict(state["network"])
        self.target.load_state_dict(state["target"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.buffer.load_state_dict(state["buffer"])
        self.num_steps = state["num_steps"]
        self.random.bit_generator.state = state["random"]

    def _values(self, observation: Any, *, is_noisy: bool) -> NDArray[np.float32]:
        """(batch, num_actions): the means of the quantiles."""
        with torch.no_grad():
            if not is_noisy:
                return np.asarray(self.network(observation).mean(dim=2).numpy())
            with seeded(int(self.random.integers(2**63))):
                self.network.train()
                values = self.network(observation).mean(dim=2)
                self.network.eval()
        return np.asarray(values.numpy())


def quantile_loss(
    network: nn.Module, target: nn.Module, batch: Transitions, *, gamma: float, kappa: float
) -> tuple[Tensor, Tensor]:
    """How far the quantiles of the actions taken are from those of what followed, equations 9 and 10.

    Args:
        network: what learns, from observations to (batch, num_actions, num_quantiles).
        target: an older copy, which judges what follows.
        batch: transitions, actions, rewards and ends in tensors.
        gamma: discount.
        kappa: errors below it count by their square.

    Returns:
        The loss, a scalar, and the quantiles of the actions taken, (batch, num_quantiles), without gradient.
    """
    rows = torch.arange(len(batch.reward))
    quantiles = network(batch.observation)[rows, batch.action.long()]  # (batch, num_quantiles)
    with torch.no_grad():
        following = target(batch.next_observation)  # (batch, num_actions, num_quantiles)
        values = following.mean(dim=2)
        if batch.next_action_mask is not None:
            allowed = torch.as_tensor(batch.next_action_mask)
            values = values.masked_fill(allowed == 0, torch.finfo(values.dtype).min)
        best = following[rows, values.argmax(dim=1)]
        goes_on = (~batch.terminated).to(best.dtype)
        targets = batch.reward[:, None] + gamma * goes_on[:, None] * best
    return quantile_huber(quantiles, targets, kappa), quantiles.detach()


def quantile_huber(quantiles: Tensor, targets: Tensor, kappa: float) -> Tensor:
    """The quantile Huber loss: summed over quantiles, averaged over targets and batch.

    Args:
        quantiles: (batch, n); the i-th stands for the share (i + 1/2) / n.
        targets: (batch, m)
        kappa: errors below it count by their square.
    """
    error = targets[:, None, :] - quantiles[:, :, None]  # (batch, n, m)
    size = error.abs()
    huber = torch.where(size <= kappa, 0.5 * error**2, kappa * (size - 0.5 * kappa)) / kappa
    count = quantiles.shape[1]
    share = ((torch.arange(count, dtype=quantiles.dtype) + 0.5) / count)[None, :, None]
    return ((share - (error < 0).to(error.dtype)).abs() * huber).mean(dim=2).sum(dim=1).mean()
