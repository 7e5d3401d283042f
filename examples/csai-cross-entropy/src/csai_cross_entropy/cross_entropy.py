"""The cross-entropy method: guess policies, keep the best, and guess near them.

No gradient, no network, no discount: each policy plays one episode, and all that counts is what it brought.
It is the plainest of all methods that learn to balance a pole, and among the quickest.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from csai_core.algorithm import Algorithm, Decision, Step
from csai_core.errors import ConfigError
from csai_core.options import require
from csai_core.ranges import Range, ranging
from gymnasium import spaces
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class CrossEntropyConfig:
    """Settings; each explanation is the help of an option of `csai train`."""

    num_envs: int = 8
    """How many policies play side by side."""
    population: int = 40
    """How many policies a generation has. More find better parents and take longer; usual 20 to 200."""
    elite: float = ranging(0.2, Range(0.05, 0.5))
    """Share of a generation that become parents. Smaller is quicker, and misled by luck; usual 0.1 to 0.3."""
    deviation: float = ranging(1.0, Range(0.1, 10.0, "log"))
    """How far the first guesses lie apart, as a standard deviation of each weight."""
    noise: float = ranging(0.1, Range(0.0, 0.5))
    """What is added to the deviation of each generation, less and less until the end of the training. Larger
    keeps looking around for longer; 0 may stop at the first policy that is good enough."""

    def __post_init__(self) -> None:
        """Refuse values that cannot work."""
        require(self.num_envs >= 1, self, "num_envs", "at least 1")
        require(self.population >= 2, self, "population", "at least 2")
        require(0 < self.elite <= 1, self, "elite", "above 0 and at most 1")
        require(self.deviation > 0, self, "deviation", "above 0")
        require(self.noise >= 0, self, "noise", "at least 0")


class CrossEntropy(Algorithm):
    """Breeds linear policies.

    A policy is a matrix, (1 + size of an observation, number of actions): each action has a score, and the
    highest is taken.

    Args:
        observation_space: arrays of numbers, such as a Box of any shape.
        action_space: Discrete.
        config: the settings.
        total_steps: how long the training will be; the noise is gone at its end.
        seed: decides all guesses.

    Raises:
        ConfigError: if the observations are no arrays.

    Reference: Szita and Lorincz 2006, "Learning Tetris using the noisy cross-entropy method", Neural
    Computation 18(12).
    """

    def __init__(
        self,
        observation_space: spaces.Space[Any],
        action_space: spaces.Discrete,
        config: CrossEntropyConfig,
        *,
        total_steps: int,
        seed: int,
    ) -> None:
        self.config = config
        self.first_action = int(action_space.start)
        self.total_steps = total_steps
        self.steps = 0
        self.random = np.random.default_rng(seed)
        if observation_space.shape is None:
            raise ConfigError(
                f"The cross-entropy method was given observations of {observation_space}; it takes arrays, "
                "such as a Box. gymnasium.wrappers.FlattenObservation makes one of others."
            )
        size = math.prod(observation_space.shape)
        self.mean: Floats = np.zeros((1 + size, int(action_space.n)))
        self.deviation: Floats = np.full_like(self.mean, config.deviation)
        self.policies: Floats = np.stack([self.guess() for _ in range(config.num_envs)])
        """(num_envs, 1 + size, number of actions): who plays now."""
        self.totals: Floats = np.zeros(config.num_envs)
        """(num_envs,): what each has brought so far."""
        self.judged: list[tuple[float, Floats]] = []
        """Those of this generation that have played, with what they brought."""

    def guess(self) -> Floats:
        """A policy near the parents."""
        return self.random.normal(self.mean, self.deviation)

    def act(
        self, observation: Any, *, explore: bool, action_mask: NDArray[np.int8] | None = None
    ) -> Decision:
        """What the policies do that play now, or what the mean of the parents does."""
        count = len(observation)
        flat = np.asarray(observation, np.float64).reshape(count, -1)
        inputs = np.concatenate([np.ones((count, 1)), flat], axis=1)
        player = np.arange(count) % len(self.policies)
        scores = np.einsum("ni,nia->na", inputs, self.policies[player]) if explore else inputs @ self.mean
        if action_mask is not None:
            scores[action_mask == 0] = -np.inf
        return Decision(self.first_action + scores.argmax(axis=1), memo=player)

    def learn(self, step: Step) -> Mapping[str, float]:
        """Add up what each policy brings; where its episode has ended, it is judged and the next one plays.

        Raises:
            ConfigError: if others have decided, since their rewards say nothing about these policies.
        """
        if step.memo is None:
            raise ConfigError("The cross-entropy method learns from its own policies' games, and no others.")
        taken = np.ones(len(step.reward), bool) if step.is_reset is None else ~step.is_reset
        self.steps += step.num_taken
        metrics: dict[str, float] = {}
        for row in np.flatnonzero(taken):
            player = int(step.memo[row])
            self.totals[player] += step.reward[row]
            if step.terminated[row] or step.truncated[row]:
                self.judged.append((float(self.totals[player]), self.policies[player].copy()))
                if len(self.judged) == self.config.population:
                    metrics = self.breed()
                self.policies[player], self.totals[player] = self.guess(), 0.0
        return metrics

    def breed(self) -> dict[str, float]:
        """Make the best of a generation the parents of the next."""
        self.judged.sort(key=lambda judged: -judged[0])
        count = max(1, round(self.config.elite * len(self.judged)))
        parents = np.stack([policy for _, policy in self.judged[:count]])
        left = max(0.0, 1 - self.steps / self.total_steps)
        self.mean = parents.mean(axis=0)
        self.deviation = parents.std(axis=0) + self.config.noise * left
        brought = [total for total, _ in self.judged]
        self.judged = []
        return {
            "best": brought[0],
            "generation": float(np.mean(brought)),
            "deviation": float(self.deviation.mean()),
        }

    def state_dict(self) -> dict[str, Any]:
        """Everything needed to go on exactly from here."""
        return {
            "steps": self.steps,
            "mean": self.mean,
            "deviation": self.deviation,
            "policies": self.policies.copy(),
            "totals": self.totals.copy(),
            "judged": [[total, policy] for total, policy in self.judged],
            "random": self.random.bit_generator.state,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a state that `state_dict` gave."""
        self.steps = state["steps"]
        self.mean, self.deviation = state["mean"].copy(), state["deviation"].copy()
        self.policies, self.totals = state["policies"].copy(), state["totals"].copy()
        self.judged = [(total, policy.copy()) for total, policy in state["judged"]]
        self.random.bit_generator.state = state["random"]
