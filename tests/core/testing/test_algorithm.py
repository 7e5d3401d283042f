"""The algorithm suite passes a sound algorithm, and each planted fault gets its own message."""

from __future__ import annotations

import re
from dataclasses import dataclass

import gymnasium
import numpy as np
import pytest

from csai_core import options
from csai_core.algorithm import Algorithm, Decision
from csai_core.errors import ConfigError
from csai_core.ranges import Range, ranging
from csai_core.testing import AlgorithmSuite


@dataclass(frozen=True, kw_only=True)
class Config:
    num_envs: int = 2
    """In how many environments it is run."""
    epsilon: float = 0.3
    """Share of random actions. Smaller tries less; usual 0.01 to 0.5."""


class Table(Algorithm):
    """Averages the reward of each action in each discrete state; faults are planted by subclasses."""

    def __init__(self, observation_space, action_space, config, *, total_steps, seed):
        for space in (observation_space, action_space):
            if not isinstance(space, gymnasium.spaces.Discrete) or space.start:
                raise ConfigError("This table takes Discrete spaces from 0 only.")
        self.values = np.zeros((int(observation_space.n), int(action_space.n)))
        self.rng = np.random.default_rng(seed)
        self.config = config

    def act(self, observation, *, explore, action_mask=None):
        values = self.values[observation].copy()
        if action_mask is not None:
            values[action_mask == 0] = -np.inf
        actions = values.argmax(axis=1)
        if explore:
            noise = self.rng.random(values.shape) + np.where(np.isinf(values), -9, 0)
            actions = np.where(self.rng.random(len(values)) < self.config.epsilon, noise.argmax(1), actions)
        return Decision(actions)

    def learn(self, step):
        taken = np.ones(len(step.reward), bool) if step.is_reset is None else ~step.is_reset
        index = (step.observation[taken], step.action[taken])
        error = step.reward[taken] - self.values[index]
        np.add.at(self.values, index, 0.2 * error)
        return {"error": float(np.abs(error).mean())} if taken.any() else {}

    def state_dict(self):
        return {"values": self.values.copy(), "rng": self.rng.bit_generator.state}

    def load_state_dict(self, state):
        self.values = state["values"].copy()
        self.rng.bit_generator.state = state["rng"]


def suite_for(algorithm, config_type=Config, steps=400):
    class Suite(AlgorithmSuite):
        learning_steps = steps
        max_steps = 200

        def config_class(self):
            return config_type

        def make(self, env, *, total_steps, seed):
            spaces = (env.observation_space, env.action_space)
            return algorithm(*spaces, config_type(), total_steps=total_steps, seed=seed)

    return Suite


TestTable = suite_for(Table)


class OutOfSpace(Table):
    def act(self, observation, *, explore, action_mask=None):
        return Decision(super().act(observation, explore=explore, action_mask=action_mask).action + 2)


class TooFew(Table):
    def act(self, observation, *, explore, action_mask=None):
        return Decision(super().act(observation, explore=explore, action_mask=action_mask).action[:1])


class NoMask(Table):
    def act(self, observation, *, explore, action_mask=None):
        return super().act(observation, explore=explore)


class Bare(Table):
    def act(self, observation, *, explore, action_mask=None):
        return super().act(observation, explore=explore, action_mask=action_mask).action


class BehindTheStep(Table):
    def act(self, observation, *, explore, action_mask=None):
        self.last = observation
        return super().act(observation, explore=explore, action_mask=action_mask)

    def learn(self, step):
        return super().learn(step._replace(observation=self.last))


class Surprised(Table):
    def act(self, observation, *, explore, action_mask=None):
        decision = super().act(observation, explore=explore, action_mask=action_mask)
        return decision._replace(memo={"drawn": decision.action})

    def learn(self, step):
        return super().learn(step._replace(action=step.memo["drawn"].copy()))


class Sampling(Table):
    def sample(self, observation, random, action_mask=None):
        chances = random.random((len(observation), self.values.shape[1]))
        return Decision((chances if action_mask is None else chances * action_mask).argmax(axis=1))


TestSampling = suite_for(Sampling)


class OwnDice(Table):
    def sample(self, observation, random, action_mask=None):
        return self.act(observation, explore=True)


class Restless(Sampling):
    def sample(self, observation, random, action_mask=None):
        self.values += 1
        return super().sample(observation, random)


class Waiting(Table):
    def cut_episodes(self):
        self.values = None


class NaNLoss(Table):
    def learn(self, step):
        return {"loss": float("nan")}


class GlobalDice(Table):
    def learn(self, step):
        self.values += np.random.random()  # noqa: NPY002
        return {}


class HalfSaved(Table):
    def load_state_dict(self, state):
        self.values = state["values"].copy()


class Stubborn(Table):
    def learn(self, step):
        return {}


class Picky(Table):
    def __init__(self, *args, **kwargs):
        raise ConfigError("Not this one.")


@dataclass(frozen=True, kw_only=True)
class Unexplained:
    num_envs: int = 1
    """In how many environments it is run."""
    epsilon: float = 0.3


@dataclass(frozen=True, kw_only=True)
class NoDefault:
    num_envs: int
    """In how many environments it is run."""


@dataclass(frozen=True, kw_only=True)
class NoCount:
    epsilon: float = 0.3
    """Share of random actions."""


@dataclass(frozen=True, kw_only=True)
class Outside:
    num_envs: int = 1
    """In how many environments it is run."""
    epsilon: float = ranging(0.5, Range(0.1, 0.3))
    """Share of random actions."""


@dataclass(frozen=True, kw_only=True)
class BadEnd:
    num_envs: int = 1
    """In how many environments it is run."""
    epsilon: float = ranging(0.5, Range(0.1, 2.0))
    """Share of random actions."""

    def __post_init__(self):
        options.require(self.epsilon <= 1, self, "epsilon", "at most 1")


FAULTS = [
    (suite_for(OutOfSpace), "it acts within the action space", r"it must give 2 actions of Discrete\(2\)"),
    (
        suite_for(TooFew),
        "it acts within the action space",
        r"for 2 observations, act\(explore=True\)",
    ),
    (suite_for(NoMask), "it keeps to the action mask", r"the mask allowed only action 0.*probability 0"),
    (
        suite_for(Bare),
        "it acts within the action space",
        r"it must give csai_core.algorithm.Decision\(action\)",
    ),
    (
        suite_for(BehindTheStep),
        "it learns from the step alone",
        r"learning changed when act\(explore=False\) was called between",
    ),
    (
        suite_for(Surprised),
        "it learns from others or says that it cannot",
        r"memo=None\) ended in TypeError.*refuse it with a ConfigError",
    ),
    (
        suite_for(OwnDice),
        "sampling changes nothing",
        r"Two samples of one policy with equal generators differ",
    ),
    (suite_for(Restless), "sampling changes nothing", r"sample\(\) changed the algorithm.*values"),
    (
        suite_for(Waiting),
        "it goes on after episodes were cut",
        r"cannot go on after cut_episodes\(\).*TypeError",
    ),
    (suite_for(NaNLoss), "it measures finite numbers by name", r"update 1 measured loss=nan"),
    (
        suite_for(GlobalDice),
        "it leaves global generators alone",
        r"drew from the global generator of numpy",
    ),
    (suite_for(HalfSaved), "a restored one goes on identically", r"went on differently"),
    (suite_for(Stubborn), "it learns", r"After 400 steps of one-step games, .* it answers no in room 1"),
    (suite_for(Picky), "it can be made", r"refused every environment that was tried.*Not this one"),
    (suite_for(Table, Unexplained), "config explains itself", r"epsilon is not explained"),
    (suite_for(Table, NoDefault), "config explains itself", r"num_envs has no default"),
    (suite_for(Table, NoCount), "config explains itself", r"has no field num_envs"),
    (suite_for(Table, dict), "config explains itself", r"name a dataclass"),
    (suite_for(Table, Outside), "its ranges hold its defaults", r"searched for in 0.1 to 0.3, and is 0.5"),
    (suite_for(Table, BadEnd), "its ranges hold its defaults", r"in 0.1 to 2, but: .*at most 1"),
]


@pytest.mark.parametrize(("suite", "check", "message"), FAULTS)
def test_each_fault_is_found_and_explained(suite, check, message):
    suite.test_it_can_be_made = suite.test_it_can_be_made if check == "it can be made" else lambda self: None
    found = {outcome.check: outcome for outcome in suite().run()}
    assert found[check].status == "failed"
    assert re.search(message, found[check].message, re.DOTALL), found[check].message


def test_learning_is_checked_only_where_it_is_said_when():
    found = {outcome.check: outcome for outcome in suite_for(Table, steps=0)().run()}
    assert found["it learns"].status == "skipped"
    assert {each.status for each in found.values()} == {"passed", "skipped"}
