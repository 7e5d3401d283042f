"""A sound table of action values, of which most specimens are made by changing one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from gymnasium import spaces

from csai_core import options
from csai_core.algorithm import Algorithm, Decision
from csai_core.errors import ConfigError
from csai_core.testing import AlgorithmSuite


@dataclass(frozen=True, kw_only=True)
class PlainConfig:
    """Settings of what has none of its own."""

    num_envs: int = 2
    """In how many environments it is run."""


@dataclass(frozen=True, kw_only=True)
class AheadConfig(PlainConfig):
    """Settings of what looks ahead."""

    gamma: float = 0.9
    """Discount. Nearer 1 looks further ahead; usual 0.9 to 0.999."""


@dataclass(frozen=True, kw_only=True)
class TableConfig(AheadConfig):
    """Settings of the table."""

    learning_rate: float = 0.2
    """How far each step moves an entry. Smaller is steadier; usual 0.05 to 0.5."""


class Table(Algorithm):
    """Q-learning for Discrete observations and actions, with one method for each thing that can go wrong."""

    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        self.require(observation_space, action_space)
        self.num_actions = int(action_space.n)
        self.first_action = int(action_space.start)
        self.first_observation = int(observation_space.start)
        self.config = config
        self.total_steps = total_steps
        self.num_steps = 0
        self.values = np.zeros((int(observation_space.n), self.num_actions))
        self.random = self.make_random(seed)

    def require(self, observation_space, action_space):
        for space in (observation_space, action_space):
            if not isinstance(space, spaces.Discrete):
                raise ConfigError(f"A table takes Discrete spaces, and {space} is another.")

    def make_random(self, seed):
        return np.random.default_rng(seed)

    def epsilon(self):
        return max(0.1, 1.0 - 2.0 * self.num_steps / self.total_steps)

    def rows(self, observation):
        return np.asarray(observation) - self.first_observation

    def scores(self, observation, action_mask):
        """(rows, num_actions): minus infinity where an action is forbidden."""
        scores = self.values[self.rows(observation)].copy()
        if action_mask is not None:
            scores[action_mask == 0] = -np.inf
        return scores

    def explored(self, scores):
        """Actions at random, among those that have a score."""
        return np.where(np.isinf(scores), -1.0, self.random.random(scores.shape)).argmax(axis=1)

    def act(self, observation, *, explore, action_mask=None):
        scores = self.scores(observation, action_mask)
        actions = scores.argmax(axis=1)
        if explore:
            tries = self.random.random(len(scores)) < self.epsilon()
            actions = np.where(tries, self.explored(scores), actions)
        return Decision(actions + self.first_action)

    def taken(self, step):
        """The rows that are steps."""
        count = len(step.reward)
        return np.arange(count) if step.is_reset is None else np.flatnonzero(~step.is_reset)

    def future(self, step):
        """(num_envs,): what is expected of where each step led."""
        expected = self.scores(step.next_observation, step.next_action_mask).max(axis=1)
        return np.where(step.terminated, 0.0, expected)

    def learn(self, step):
        rows = self.taken(step)
        target = step.reward + self.config.gamma * self.future(step)
        errors = []
        for i in rows:
            entry = self.rows(step.observation)[i], int(step.action[i]) - self.first_action
            errors.append(float(target[i] - self.values[entry]))
            self.values[entry] += self.config.learning_rate * errors[-1]
        self.num_steps += len(rows)
        return {"td_error": float(np.abs(errors).mean())} if errors else {}

    def state_dict(self):
        return {
            "values": self.values.copy(),
            "num_steps": self.num_steps,
            "random": self.random.bit_generator.state,
        }

    def load_state_dict(self, state):
        self.values = np.array(state["values"])
        self.num_steps = state["num_steps"]
        self.random.bit_generator.state = state["random"]


class TableSuite(AlgorithmSuite):
    """Checks what a subclass names in `Learner`."""

    Learner: ClassVar[Any] = Table
    config_type: ClassVar[Any] = TableConfig
    learning_steps = 1_000
    max_steps = 200

    def config_class(self):
        return self.config_type

    def make(self, env, *, total_steps, seed):
        config = options.build(self.config_type, self.config)
        spaces_of_it = env.observation_space, env.action_space
        return self.Learner(*spaces_of_it, config, total_steps=total_steps, seed=seed)


class Remembering(Table):
    """Learns from a memory of the last hundred steps, a few of them at a time."""

    capacity = 100

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.memory: list[Any] = []

    def kept(self, step):
        """What is remembered of a step."""
        columns = (step.observation, step.action, step.reward, step.terminated, step.next_observation)
        mask = step.next_action_mask
        return [*(np.array(each) for each in columns), None if mask is None else mask.copy()]

    def learn(self, step):
        rows = self.taken(step)
        self.num_steps += len(rows)
        for i in rows:
            self.memory.append([None if each is None else each[i : i + 1] for each in self.kept(step)])
        del self.memory[: -self.capacity]
        return self.replay() if len(self.memory) >= 10 else {}

    def replay(self):
        errors = []
        for i in self.random.integers(len(self.memory), size=4):
            observation, action, reward, terminated, following, mask = self.memory[i]
            expected = 0.0 if terminated[0] else self.scores(following, mask).max()
            entry = self.rows(observation)[0], int(action[0]) - self.first_action
            errors.append(float(reward[0] + self.config.gamma * expected - self.values[entry]))
            self.values[entry] += self.config.learning_rate * errors[-1]
        return {"td_error": float(np.abs(errors).mean())}

    def state_dict(self):
        return {**super().state_dict(), "memory": [list(row) for row in self.memory]}

    def load_state_dict(self, state):
        super().load_state_dict(state)
        self.memory = [list(row) for row in state["memory"]]
